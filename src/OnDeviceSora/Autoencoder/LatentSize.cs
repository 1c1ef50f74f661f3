using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Autoencoder;

/// <summary>The extents of a video's latents (specification 7.3).</summary>
/// <param name="Frames">Latent frames.</param>
/// <param name="Height">Latent rows.</param>
/// <param name="Width">Latent columns.</param>
internal readonly record struct LatentSize(int Frames, int Height, int Width)
{
    /// <summary>The latents of a video: a full micro-frame chunk gives so many latent frames, a rest is rounded up.</summary>
    public static LatentSize Of(VaeConfig config, int frames, int height, int width)
    {
        var (chunks, rest) = Math.DivRem(frames, config.MicroFrameSize);
        var factor = config.Temporal.Factor;
        return new LatentSize(
            chunks * config.MicroLatentFrames + (rest + factor - 1) / factor,
            height / config.Spatial.Factor,
            width / config.Spatial.Factor);
    }
}
