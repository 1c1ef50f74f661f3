namespace OnDeviceSora;

/// <summary>The library's door: a model folder, opened, that turns sentences into videos.</summary>
public sealed class VideoPipeline : IDisposable
{
    /// <summary>Opens a model folder; reads its configuration and headers, and refuses it when a part is missing.</summary>
    /// <param name="modelFolder">A folder with <c>config.json</c>, <c>spiece.model</c> and the safetensors of the three models.</param>
    /// <param name="options">How to run; <c>null</c> for the defaults.</param>
    /// <exception cref="InvalidModelException">A part is missing or does not fit the configuration.</exception>
    /// <exception cref="InvalidFileException">A file is damaged.</exception>
    public static VideoPipeline Open(string modelFolder, PipelineOptions? options = null) => throw new NotSupportedException();

    /// <summary>Generates one video.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="progress">Receives a report at least once per step; may be <c>null</c>.</param>
    /// <param name="cancellation">Stops the work within one model block.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<GeneratedVideo> GenerateAsync(
        VideoRequest request, IProgress<GenerationProgress>? progress = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    /// <summary>Decodes latents that were saved by an earlier generation.</summary>
    /// <param name="latents">The latents.</param>
    /// <param name="progress">Receives reports; may be <c>null</c>.</param>
    /// <param name="cancellation">Stops the work.</param>
    public Task<GeneratedVideo> DecodeAsync(
        VideoLatents latents, IProgress<GenerationProgress>? progress = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    /// <summary>The request with the model's defaults in place of every <c>null</c>, validated.</summary>
    /// <param name="request">What to generate.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured.</exception>
    public VideoRequest Resolve(VideoRequest request) => throw new NotSupportedException();

    /// <summary>Frees the native memory of the models and the threads.</summary>
    public void Dispose() { }
}
