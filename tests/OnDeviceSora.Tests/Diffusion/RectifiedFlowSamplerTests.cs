using OnDeviceSora.Acceleration;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Diffusion;

public sealed class RectifiedFlowSamplerTests : IDisposable
{
    private static readonly int[] Shape = [1, 2, 3, 2, 4];
    private readonly ComputeEngine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(0, 1)]
    [InlineData(4, 5)]
    [InlineData(9, 10)]
    public void A_straight_flow_ends_at_the_video_whenever_the_leap_comes(int leapStep, int executed)
    {
        var video = Draw(2);
        var noise = Draw(1);
        using var latents = _engine.From(noise, Shape);
        var model = new FakeTransformer((_, i, _) => video[i] - noise[i]);
        var result = Sample(model, latents, Settings(10) with { Leap = leapStep < 0 ? LeapSettings.Off : LeapSettings.At(leapStep) });

        for (var i = 0; i < video.Length; i++) Assert.Equal(video[i], latents.Span[i], 1e-5);
        Assert.Equal(executed, result.ExecutedSteps);
        Assert.Equal(leapStep < 0 ? null : leapStep, result.LeapStep);
        Assert.Equal(executed - 1, result.Similarities.Count);
        Assert.All(result.Similarities, similarity => Assert.Equal(1, similarity, 1e-5));
    }

    [Fact]
    public void A_straight_flow_leaps_by_itself_as_soon_as_patience_is_out()
    {
        using var latents = _engine.From(Draw(1), Shape);
        var result = Sample(new FakeTransformer((_, i, _) => i + 1), latents, Settings(30) with { Leap = LeapSettings.Automatic });
        Assert.Equal(17, result.LeapStep);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 3)]
    [InlineData(7, -9)]
    public void Guidance_moves_from_the_unconditional_to_the_conditional_velocity(float scale, float velocity)
    {
        using var latents = _engine.AllocateZeroed(Shape);
        Sample(new FakeTransformer((_, _, conditional) => conditional ? 3 : 5), latents, Settings(1) with { Guidance = new(scale) });
        Assert.All(latents.Span.ToArray(), value => Assert.Equal(velocity, value));
    }

    [Fact]
    public void Tokens_are_merged_in_the_first_steps_only()
    {
        using var latents = _engine.AllocateZeroed(Shape);
        var model = new FakeTransformer((_, _, _) => 1);
        Sample(model, latents, Settings(5) with { MergeSteps = 2 });
        Assert.Equal([true, true, false, false, false], model.Queries.Select(query => query.Merged));
        Assert.All(model.Queries, query => Assert.Null(query.Active));
    }

    [Fact]
    public void Every_step_is_reported_with_its_similarity_and_the_leap()
    {
        using var latents = _engine.AllocateZeroed(Shape);
        var reports = new List<SamplingReport>();
        new RectifiedFlowSampler(_engine, new FakeTransformer((_, i, _) => i)).Run(latents, Settings(8) with { Leap = LeapSettings.At(2) }, reports.Add);
        Assert.Equal([0, 1, 2], reports.Select(report => report.Step.Index));
        Assert.Equal([false, false, true], reports.Select(report => report.Leapt));
        Assert.Equal([true, false, false], reports.Select(report => report.Similarity is null));
        Assert.All(reports, report => Assert.Equal(8, report.Steps));
    }

    [Fact]
    public void Cancelling_stops_before_the_next_step_and_keeps_the_finished_ones()
    {
        using var latents = _engine.AllocateZeroed(Shape);
        using var source = new CancellationTokenSource();
        var sampler = new RectifiedFlowSampler(_engine, new FakeTransformer((_, _, _) => 1));
        Assert.Throws<OperationCanceledException>(() => sampler.Run(
            latents, Settings(10), report => { if (report.Step.Index == 2) source.Cancel(); }, source.Token));
        Assert.Equal(0.3, latents.Span[0], 1e-5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Going_on_from_any_step_ends_with_the_same_bits(bool leaps)
    {
        var model = new FakeTransformer((query, i, conditional) => MathF.Sin(query.Timestep / 300 + i) + query.Latents.Span[i % 48] + (conditional ? 0.3f : 0));
        var settings = Settings(12) with { Leap = leaps ? new LeapSettings.Dynamic { MinimumSteps = 3, Patience = 2 } : LeapSettings.Off };
        using var latents = _engine.From(Draw(1), Shape);
        var stops = new List<(SamplingState State, float[] Latents)>();
        var whole = new RectifiedFlowSampler(_engine, model).Run(latents, settings, report => stops.Add((report.State, report.Latents.Span.ToArray())));

        Assert.Equal(leaps, whole.LeapStep is not null);
        Assert.Equal(whole.ExecutedSteps, stops.Count);
        foreach (var (state, at) in stops)
        {
            using var resumed = _engine.From(at, Shape);
            var result = Sample(model, resumed, settings with { Start = state });
            Assert.Equal(latents.Span.ToArray(), resumed.Span.ToArray());
            Assert.Equal((whole.ExecutedSteps, whole.LeapStep), (result.ExecutedSteps, result.LeapStep));
            Assert.Equal(whole.Similarities, result.Similarities);
        }
    }

    [Fact]
    public void Nothing_stays_allocated()
    {
        using var latents = _engine.AllocateZeroed(Shape);
        var before = _engine.Memory.BytesOf(MemoryOwner.Activations);
        Sample(new FakeTransformer((_, _, _) => 1), latents, Settings(3) with { FrameMask = new FrameMask([1, 0.5f, 0], noise => noise.Clear()) });
        Assert.Equal(before, _engine.Memory.BytesOf(MemoryOwner.Activations));
    }

    [Fact]
    public void A_frame_mask_of_ones_changes_nothing_but_is_shown_to_the_model()
    {
        using var plain = _engine.From(Draw(1), Shape);
        using var masked = _engine.From(Draw(1), Shape);
        var model = new FakeTransformer((query, i, _) => query.Latents.Span[i] * query.Timestep / 1000);
        Sample(model, plain, Settings(6));
        model.Queries.Clear();
        Sample(model, masked, Settings(6) with { FrameMask = new FrameMask([1, 1, 1], noise => noise.Fill(99)) });
        Assert.Equal(plain.Span.ToArray(), masked.Span.ToArray());
        Assert.All(model.Queries, query => Assert.Equal(Enumerable.Repeat(true, 6), query.Active));
    }

    [Fact]
    public void A_given_frame_stays_and_a_partly_given_one_starts_late_from_noise()
    {
        // Frames: denoised from the start; from timestep 400 on; given.
        using var latents = _engine.From(Draw(1), Shape);
        var start = latents.Span.ToArray();
        var drawn = 0;
        var model = new FakeTransformer((_, _, _) => 1);
        Sample(model, latents, Settings(5) with { FrameMask = new FrameMask([1, 0.4f, 0], noise => { drawn++; noise.Fill(2); }) });

        Assert.Equal(5, drawn);
        Assert.Equal(
            [[true, false, false], [true, false, false], [true, false, false], [true, true, false], [true, true, false]],
            model.Queries.Select(query => query.Active![..3]));
        Assert.All(model.Queries, query => Assert.Equal(query.Active![..3], query.Active![3..]));
        for (var i = 0; i < start.Length; i++)
        {
            var frame = i / 8 % 3;
            var expected = frame == 0 ? start[i] + 1 : frame == 1 ? 0.6f * start[i] + 0.4f * 2 + 0.4f : start[i];
            Assert.Equal(expected, latents.Span[i], 1e-5);
        }
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    [InlineData(float.NaN)]
    public void Parts_that_are_none_are_refused(float part) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameMask([1, part], _ => { }));

    [Fact]
    public void A_frame_mask_of_another_length_is_refused()
    {
        using var latents = _engine.AllocateZeroed(Shape);
        var settings = Settings(3) with { FrameMask = new FrameMask([1, 1], _ => { }) };
        Assert.Throws<ArgumentException>(() => Sample(new FakeTransformer((_, _, _) => 1), latents, settings));
    }

    private SamplingResult Sample(IVideoTransformer model, Tensor latents, SamplingSettings settings) =>
        new RectifiedFlowSampler(_engine, model).Run(latents, settings);

    private static SamplingSettings Settings(int steps) => new() { Schedule = new RectifiedFlowSchedule(steps) };

    private static float[] Draw(long seed)
    {
        var values = new float[48];
        new NoiseGenerator(seed).FillNormal(values);
        return values;
    }
}
