namespace OnDeviceSora.Tests.Pipeline;

/// <summary>Stopping at any stage, and what is left afterwards.</summary>
public sealed class CancellationTests
{
    [Theory]
    [InlineData(GenerationStage.TextEncoding, 0)]
    [InlineData(GenerationStage.Denoising, 0)]
    [InlineData(GenerationStage.Denoising, 2)]
    [InlineData(GenerationStage.Decoding, 3)]
    public async Task A_generation_stops_where_it_is_and_the_pipeline_works_on(GenerationStage stage, int completed)
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        using var source = new CancellationTokenSource();
        var after = 0;
        var progress = new Collector(report =>
        {
            if (source.IsCancellationRequested) after++;
            if (report.Stage == stage && report.Completed == completed) source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pipeline.GenerateAsync(EmbeddedModel.Small, progress, source.Token));
        Assert.Equal(0, after);

        var video = await pipeline.GenerateAsync(EmbeddedModel.Small);
        Assert.Equal(17, video.Frames.Count);
    }

    [Fact]
    public async Task Nothing_is_held_after_a_cancelled_generation()
    {
        // Of several threads, chance says which one's scratch memory grows, and when.
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder, new PipelineOptions { Threads = 1 });
        var (before, after) = (0L, 0L);
        // The first generation sizes the scratch memory, which stays.
        await pipeline.GenerateAsync(EmbeddedModel.Small);
        await pipeline.GenerateAsync(EmbeddedModel.Small, new Collector(report => before = FirstOf(report, before)));
        using var source = new CancellationTokenSource();
        var stop = new Collector(report =>
        {
            if (report.Stage == GenerationStage.Denoising && report.Completed == 1) source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pipeline.GenerateAsync(EmbeddedModel.Small, stop, source.Token));
        await pipeline.GenerateAsync(EmbeddedModel.Small, new Collector(report => after = FirstOf(report, after)));
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task A_token_cancelled_beforehand_starts_nothing()
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var reports = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            pipeline.GenerateAsync(EmbeddedModel.Small, new Collector(_ => reports++), new CancellationToken(canceled: true)));
        Assert.Equal(0, reports);
    }

    private static long FirstOf(GenerationProgress report, long present) =>
        report is { Stage: GenerationStage.Denoising, Completed: 0 } ? report.MemoryBytes : present;
}
