using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Autoencoder;

/// <summary>How the sampler's normalised latents relate to the temporal model's, <c>latent * scale + shift</c>, and those to the 2D model's.</summary>
/// <param name="Scale">By latent channel.</param>
/// <param name="Shift">By latent channel.</param>
/// <param name="Spatial">The 2D model's latents are multiplied by this before the temporal model (0.18215).</param>
internal sealed record LatentScaling(float[] Scale, float[] Shift, float Spatial)
{
    /// <summary>Reads the checkpoint's buffers; where it has none, the configuration's values; else leaves latents as they are.</summary>
    public static LatentScaling Load(Checkpoint checkpoint, VaeConfig config)
    {
        var channels = config.LatentChannels;
        return new LatentScaling(
            Buffer(checkpoint, "scale", channels) ?? config.Scale ?? [.. Enumerable.Repeat(1f, channels)],
            Buffer(checkpoint, "shift", channels) ?? config.Shift ?? new float[channels],
            config.ScalingFactor);
    }

    private static float[]? Buffer(Checkpoint checkpoint, string name, int channels)
    {
        if (!checkpoint.Contains(name)) return null;
        var values = new float[channels];
        checkpoint.Read(name, [1, channels, 1, 1, 1], values);
        return values;
    }
}
