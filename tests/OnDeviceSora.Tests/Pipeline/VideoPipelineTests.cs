using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Pipeline;

/// <summary>The library's door, on the embedded model.</summary>
public sealed class VideoPipelineTests
{
    [Fact]
    public async Task A_sentence_becomes_frames_of_the_models_size()
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var stages = new List<GenerationStage>();
        var video = await pipeline.GenerateAsync(new VideoRequest { Prompt = "a green star", Steps = 2 }, new Collector(report => stages.Add(report.Stage)));

        Assert.Equal(34, video.Frames.Count);
        Assert.All(video.Frames, frame => Assert.Equal((64, 64, 64 * 64 * 3), (frame.Width, frame.Height, frame.Rgb.Length)));
        Assert.Equal([GenerationStage.TextEncoding, GenerationStage.Denoising, GenerationStage.Decoding], stages.Distinct());
        Assert.Equal(2, video.ExecutedSteps);
        Assert.Single(video.Similarities);
        Assert.Equal(3, video.Timings.Count);
        Assert.True(video.PeakTensorBytes > 0 && video.PeakResidentBytes > video.PeakTensorBytes / 2);
        Assert.Contains(video.Frames, frame => frame.Rgb.Distinct().Count() > 10);
    }

    [Fact]
    public async Task Same_seed_same_video_whatever_the_threads_and_another_seed_another()
    {
        var first = await Generate(EmbeddedModel.Small, threads: 1);
        Assert.Equal(Pixels(first), Pixels(await Generate(EmbeddedModel.Small, threads: 3)));
        Assert.Equal(Pixels(first), Pixels(await Generate(first.Request, threads: 2)));
        Assert.NotEqual(Pixels(first), Pixels(await Generate(EmbeddedModel.Small with { Seed = 43 }, threads: 2)));
    }

    [Theory]
    [InlineData(WeightPrecision.Bf16, WeightPrecision.Bf16)]
    [InlineData(WeightPrecision.Int8, WeightPrecision.Fp32)]
    public async Task Threads_change_nothing_in_any_precision(WeightPrecision transformer, WeightPrecision vae)
    {
        using var folder = new TemporaryFolder();
        DevicePackage.Convert(EmbeddedModel.Folder, folder["package"], new PackagePrecision(WeightPrecision.Bf16, transformer, vae));
        var request = EmbeddedModel.Small with { MergeSteps = 2 };
        var first = await Generate(request, threads: 1, model: folder["package"]);
        Assert.Equal(Pixels(first), Pixels(await Generate(request, threads: 2, model: folder["package"])));
        Assert.NotEqual(Pixels(first), Pixels(await Generate(request)));
    }

    [Fact]
    public async Task Latents_decode_later_to_the_same_frames()
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var whole = await pipeline.GenerateAsync(EmbeddedModel.Small);
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            LatentsFile.Save(path, await pipeline.SampleAsync(EmbeddedModel.Small));
            var decoded = await pipeline.DecodeAsync(LatentsFile.Load(path));
            Assert.Equal(Pixels(whole), Pixels(decoded));
            Assert.Equal(whole.Request, decoded.Request);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public async Task A_fixed_leap_computes_its_step_and_no_more(int step)
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var totals = new List<int>();
        var progress = new Collector(report => { if (report.Stage == GenerationStage.Denoising) totals.Add(report.Total); });
        var video = await pipeline.GenerateAsync(EmbeddedModel.Small with { Leap = LeapSettings.At(step) }, progress);
        Assert.Equal((step + 1, step), (video.ExecutedSteps, video.LeapStep));
        Assert.Equal([step + 1], totals.Distinct());
    }

    [Fact]
    public async Task An_automatic_leap_says_where_it_leapt_and_what_it_saw()
    {
        var leap = new LeapSettings.Dynamic { MinimumSteps = 1, Tolerance = 1, Patience = 2 };
        var video = await Generate(EmbeddedModel.Small with { Steps = 8, Leap = leap });
        Assert.NotNull(video.LeapStep);
        Assert.Equal(video.LeapStep + 1, video.ExecutedSteps);
        Assert.Equal(video.ExecutedSteps - 1, video.Similarities.Count);
        Assert.All(video.Similarities, similarity => Assert.InRange(similarity, -1.001f, 1.001f));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(17)]
    public async Task Merging_runs_for_any_number_of_frames_and_changes_the_video(int frames)
    {
        var plain = await Generate(EmbeddedModel.Small with { Frames = frames });
        var merged = await Generate(EmbeddedModel.Small with { Frames = frames, MergeSteps = 4 });
        Assert.Equal(frames, merged.Frames.Count);
        // One latent frame has no neighbour to be merged with.
        Assert.Equal(frames <= 4, Pixels(plain).SequenceEqual(Pixels(merged)));
    }

    [Fact]
    public async Task Tiles_change_nothing_when_one_holds_the_picture_and_something_when_not()
    {
        var request = EmbeddedModel.Small with { Width = 96, Height = 80, Frames = 1 };
        var whole = await Generate(request);
        Assert.Equal(Pixels(whole), Pixels(await Generate(request, tile: 12)));
        var tiled = await Generate(request, tile: 8);
        Assert.Equal((96, 80), (tiled.Frames[0].Width, tiled.Frames[0].Height));
        Assert.NotEqual(Pixels(whole), Pixels(tiled));
    }

    [Fact]
    public async Task Generations_started_together_run_one_after_another()
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var videos = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => pipeline.GenerateAsync(EmbeddedModel.Small)));
        Assert.Equal(Pixels(videos[0]), Pixels(videos[2]));
    }

    private static async Task<GeneratedVideo> Generate(VideoRequest request, int threads = 2, int? tile = null, string? model = null)
    {
        using var pipeline = VideoPipeline.Open(model ?? EmbeddedModel.Folder, new PipelineOptions { Threads = threads, DecodeTile = tile });
        return await pipeline.GenerateAsync(request);
    }

    private static byte[] Pixels(GeneratedVideo video) => [.. video.Frames.SelectMany(frame => frame.Rgb)];
}
