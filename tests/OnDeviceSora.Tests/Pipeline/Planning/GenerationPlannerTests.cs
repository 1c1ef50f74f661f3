using System.Diagnostics;
using OnDeviceSora.Budget;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Pipeline.Planning;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;
using Xunit.Abstractions;

namespace OnDeviceSora.Tests.Pipeline.Planning;

/// <summary>What the planner decides for the model of the published size.</summary>
public sealed class GenerationPlannerTests(ITestOutputHelper output) : IDisposable
{
    private const long Baseline = 150_000_000;
    private const int Tokens = 64;

    private readonly ComputeEngine _engine = new(4);

    private static VideoRequest Video => StageWorkTests.Request(68, 256, 256) with { Steps = 30 };

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData(3_300_000_000)]
    [InlineData(1_500_000_000)]
    public void The_published_model_fits(long budget)
    {
        var plan = FullModel.Planner(_engine, Limits(budget), new MachineSpeed(2e11, 8e11, 1e9)).TryPlan(Video, Tokens);
        Assert.NotNull(plan);
        output.WriteLine($"{budget:N0}: peak {plan.PeakBytes:N0}, slices {plan.Slices}, tile {plan.DecodeTile}, {plan.Time}");
        foreach (var stage in plan.Stages) output.WriteLine(stage.ToString());
        Assert.True(plan.PeakBytes <= budget);
        Assert.Null(plan.DecodeTile);
        var denoising = plan.Stage(PlannedStage.Denoising);
        Assert.Equal(56, denoising.Blocks);
        Assert.InRange(denoising.ResidentBlocks, budget > 3_000_000_000 ? 40 : 10, 56);
        // Specification 15: 21.89 T operations a step with 64 tokens, T5 0.6 T, 9.8 T and 42 T for the decoding.
        Assert.InRange(denoising.Operations, 30 * 21.5e12, 30 * 22e12);
        Assert.InRange(plan.Stage(PlannedStage.TextEncoding).Operations, 0.55e12, 0.65e12);
        Assert.InRange(plan.Stage(PlannedStage.TemporalDecoding).Operations, 9.3e12, 10.3e12);
        Assert.InRange(plan.Stage(PlannedStage.SpatialDecoding).Operations, 40e12, 44e12);
    }

    [Fact]
    public void Merging_saves_operations_as_the_specification_says()
    {
        var plan = FullModel.Planner(_engine, Limits(3_300_000_000)).TryPlan(Video with { Steps = 1, MergeSteps = 1 }, Tokens);
        Assert.InRange(plan!.Stage(PlannedStage.Denoising).Operations, 16.8e12, 17.3e12);
    }

    [Fact]
    public void Less_memory_keeps_fewer_blocks_then_cuts_slices_and_never_passes_the_budget()
    {
        var (blocks, slices) = (57, 0);
        for (var budget = 4_000_000_000L; FullModel.Planner(_engine, Limits(budget)).TryPlan(Video, Tokens) is { } plan; budget -= 100_000_000)
        {
            Assert.True(plan.PeakBytes <= budget);
            var now = plan.AttentionSlices + plan.CrossAttentionSlices + plan.MlpSlices;
            Assert.InRange(now, slices, int.MaxValue);
            if (now == slices) Assert.InRange(plan.Stage(PlannedStage.Denoising).ResidentBlocks, 0, blocks);
            (blocks, slices) = (plan.Stage(PlannedStage.Denoising).ResidentBlocks, now);
        }
        Assert.True(slices >= 3);
    }

    [Fact]
    public void Only_where_slices_do_not_suffice_are_text_keys_and_values_computed_in_every_step()
    {
        var smallest = FullModel.Planner(_engine, Limits(1)).SmallestBudget(Video, 300);
        var least = FullModel.Planner(_engine, Limits(smallest)).TryPlan(Video, 300)!;
        var more = FullModel.Planner(_engine, Limits(smallest + 400_000_000)).TryPlan(Video, 300)!;
        Assert.Equal((false, true), (least.KeepsText, more.KeepsText));
        var (recomputed, kept) = (least.Stage(PlannedStage.Denoising), more.Stage(PlannedStage.Denoising));
        // 56 blocks' keys and values of 300 tokens, twice 1152 floats each, for the prompt and the null prompt.
        Assert.Equal(56L * 2 * 300 * 2304 * sizeof(float), kept.TextBytes - recomputed.TextBytes);
        // They are 29 times 0.18 T operations of 30 times 22 T.
        Assert.InRange(recomputed.Operations / kept.Operations, 1.005, 1.01);
    }

    [Theory]
    [InlineData(StreamingMode.ConcurrentDynamic)]
    [InlineData(StreamingMode.Concurrent)]
    [InlineData(StreamingMode.Sequential)]
    [InlineData(StreamingMode.Resident)]
    public void The_smallest_budget_suffices_and_less_does_not(StreamingMode mode)
    {
        var smallest = FullModel.Planner(_engine, Limits(1, mode)).SmallestBudget(Video, Tokens);
        Assert.NotNull(FullModel.Planner(_engine, Limits(smallest, mode)).TryPlan(Video, Tokens));
        Assert.Null(FullModel.Planner(_engine, Limits(smallest - 1, mode)).TryPlan(Video, Tokens));
    }

    [Fact]
    public void Each_mode_holds_what_it_says()
    {
        var plans = Enum.GetValues<StreamingMode>().ToDictionary(mode => mode, mode => FullModel.Planner(_engine, Limits(12_000_000_000, mode), new MachineSpeed(1e13, 1e13, 1e8)).TryPlan(Video, Tokens)!);
        StagePlan Of(StreamingMode mode) => plans[mode].Stage(PlannedStage.Denoising);
        Assert.Equal((56, 0, 0, 56), (Of(StreamingMode.Resident).ResidentBlocks, Of(StreamingMode.Sequential).ResidentBlocks, Of(StreamingMode.Concurrent).ResidentBlocks, Of(StreamingMode.ConcurrentDynamic).ResidentBlocks));
        Assert.True(Of(StreamingMode.Sequential).BufferBytes < Of(StreamingMode.Concurrent).BufferBytes);
        Assert.Equal(WeightReader.MemoryBytes, Of(StreamingMode.Resident).BufferBytes);
        // What stays is loaded once; loading beside computing takes the longer of both, not their sum.
        Assert.True(Of(StreamingMode.Resident).LoadBytes * 25 < Of(StreamingMode.Sequential).LoadBytes);
        Assert.True(Of(StreamingMode.Concurrent).Time < Of(StreamingMode.Sequential).Time);
        Assert.True(Of(StreamingMode.Resident).Time < Of(StreamingMode.Concurrent).Time);
    }

    [Fact]
    public void Tiles_come_last_and_a_chosen_tile_stays()
    {
        var large = Video with { Width = 1024, Height = 1024, Frames = 17 };
        var needed = FullModel.Planner(_engine, Limits(1)).SmallestBudget(large, Tokens);
        var plan = FullModel.Planner(_engine, Limits(needed + 200_000_000)).TryPlan(large, Tokens)!;
        Assert.True(plan.TilesForMemory);
        Assert.True(plan.MlpSlices > 1);
        Assert.Null(FullModel.Planner(_engine, Limits(12_000_000_000)).TryPlan(large, Tokens)!.DecodeTile);
        var chosen = FullModel.Planner(_engine, Limits(12_000_000_000) with { DecodeTile = 24 }).TryPlan(large, Tokens)!;
        Assert.Equal((24, false), (chosen.DecodeTile, chosen.TilesForMemory));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_what_does()
    {
        var limits = Limits(1_000_000_000);
        var planner = FullModel.Planner(_engine, limits);
        var large = Video with { Width = 1280, Height = 720, Frames = 204 };
        Assert.Null(planner.TryPlan(large, Tokens));
        var clock = Stopwatch.StartNew();
        var error = new BudgetAdvice(planner, limits, FullModel.Config).For("Memory", large, Tokens);
        output.WriteLine($"{clock.ElapsedMilliseconds} ms: {error.Message}");
        Assert.Equal("Memory", error.Parameter);

        // The words are true: what they name fits, and one more does not.
        var words = System.Text.RegularExpressions.Regex.Matches(error.Message, @"(\d+) frames? of (\d+)x(\d+)").Select(match => match.Groups.Values.Skip(1).Select(group => int.Parse(group.Value, System.Globalization.CultureInfo.InvariantCulture)).ToArray()).ToList();
        Assert.Equal([204, 1280, 720], words[0]);
        Assert.True(words.Count > 1, error.Message);
        Assert.All(words.Skip(1), video => Assert.NotNull(planner.TryPlan(large with { Frames = video[0], Width = video[1], Height = video[2] }, Tokens)));
        var budget = MemorySize.Parse(System.Text.RegularExpressions.Regex.Match(error.Message, @"at least ([\d.]+ [GM]B)").Groups[1].Value);
        Assert.NotNull(FullModel.Planner(_engine, Limits(budget)).TryPlan(large, Tokens));
    }

    [Fact]
    public void A_budget_for_nothing_says_so()
    {
        var limits = Limits(200_000_000);
        var error = new BudgetAdvice(FullModel.Planner(_engine, limits), limits, FullModel.Config).For("Memory", Video, Tokens);
        Assert.Contains("no video fits", error.Message, StringComparison.Ordinal);
        Assert.Contains("sequential", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_embedded_model_plans_refuses_and_runs_within_its_plan()
    {
        using (var pipeline = VideoPipeline.Open(EmbeddedModel.Folder))
        {
            var plan = pipeline.Plan(EmbeddedModel.Small);
            Assert.True(plan.Time > TimeSpan.Zero && plan.PeakBytes <= plan.BudgetBytes);
            Assert.Equal(8, plan.Stage(PlannedStage.Denoising).ResidentBlocks);
            Assert.Null(pipeline.Plan(EmbeddedModel.Small, measureSpeed: false).Time);
        }
        using var small = VideoPipeline.Open(EmbeddedModel.Folder, new PipelineOptions { Memory = new MemoryBudget(10_000_000) });
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => small.SampleAsync(EmbeddedModel.Small));
        Assert.Equal(nameof(PipelineOptions.Memory), error.Parameter);
    }

    private static PlanningLimits Limits(long budget, StreamingMode mode = StreamingMode.ConcurrentDynamic) => new(budget, Baseline, mode, null);
}
