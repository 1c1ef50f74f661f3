namespace OnDeviceSora;

/// <summary>The result of the denoising, before the autoencoder: what <c>sora decode</c> reads.</summary>
/// <param name="Values">Latents <c>[channels, frames, height, width]</c>, row-major, normalised as the sampler leaves them.</param>
/// <param name="Channels">Latent channels (4 in Open-Sora v1.2).</param>
/// <param name="LatentFrames">Latent frames.</param>
/// <param name="LatentHeight">Pixel height / 8.</param>
/// <param name="LatentWidth">Pixel width / 8.</param>
/// <param name="Request">The request, with every default filled in, that they were sampled for.</param>
public sealed record VideoLatents(
    float[] Values, int Channels, int LatentFrames, int LatentHeight, int LatentWidth, VideoRequest Request)
{
    /// <summary>How they were sampled; without times for latents that were loaded from a file, <c>null</c> when the file does not say.</summary>
    public SamplingSummary? Sampling { get; init; }

    /// <summary>Name and hash of the model that sampled them; <c>null</c> when it is not known.</summary>
    public string? Model { get; init; }

    /// <summary>The tiles that the pipeline which sampled them decodes with; see <see cref="PipelineOptions.DecodeTile"/>.</summary>
    public int? DecodeTile { get; init; }
}
