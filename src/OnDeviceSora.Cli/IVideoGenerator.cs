namespace OnDeviceSora.Cli;

/// <summary>The part of <see cref="VideoPipeline"/> that the commands use, so that they can be tested without a model.</summary>
internal interface IVideoGenerator : IDisposable
{
    VideoRequest Resolve(VideoRequest request);

    GenerationPlan Plan(VideoRequest request, bool measureSpeed);

    Task<VideoLatents> SampleAsync(VideoRequest request, GenerationCheckpoint? checkpoint, IProgress<GenerationProgress> progress, CancellationToken cancellation);

    Task<GeneratedVideo> DecodeAsync(VideoLatents latents, IProgress<GenerationProgress> progress, CancellationToken cancellation);
}

/// <summary>The real one.</summary>
internal sealed class PipelineGenerator(VideoPipeline pipeline) : IVideoGenerator
{
    public static IVideoGenerator Open(string model, PipelineOptions options) => new PipelineGenerator(VideoPipeline.Open(model, options));

    public VideoRequest Resolve(VideoRequest request) => pipeline.Resolve(request);

    public GenerationPlan Plan(VideoRequest request, bool measureSpeed) => pipeline.Plan(request, measureSpeed);

    public Task<VideoLatents> SampleAsync(VideoRequest request, GenerationCheckpoint? checkpoint, IProgress<GenerationProgress> progress, CancellationToken cancellation) =>
        checkpoint is null ? pipeline.SampleAsync(request, progress, cancellation) : pipeline.SampleAsync(request, checkpoint, progress, cancellation);

    public Task<GeneratedVideo> DecodeAsync(VideoLatents latents, IProgress<GenerationProgress> progress, CancellationToken cancellation) =>
        pipeline.DecodeAsync(latents, progress, cancellation);

    public void Dispose() => pipeline.Dispose();
}
