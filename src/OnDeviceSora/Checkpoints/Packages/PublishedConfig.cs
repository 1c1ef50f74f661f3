using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>Makes one model folder's configuration of what the three published repositories say.</summary>
internal static class PublishedConfig
{
    // Published nowhere but in the reference's sources (specification 7).
    private const int NormGroups = 32;

    /// <summary>Reads the three configurations.</summary>
    /// <param name="parts">The repositories.</param>
    /// <param name="vae">The autoencoder's weights, whose shapes show the sizes that its configuration leaves out.</param>
    public static ModelConfig Read(PublishedParts parts, Checkpoint vae)
    {
        var textEncoder = Load(Path.Combine(parts.TextEncoder, "text_encoder"), T5Config.Parse);
        var transformer = Load(parts.Transformer, STDiT3Config.Parse);
        var autoencoder = Load(parts.Vae, (json, path) => Vae(json, path, vae));
        return new ModelConfig(textEncoder, transformer, autoencoder, Sampling(autoencoder.Spatial.Factor));
    }

    /// <summary>What the model is asked for by default: 240p, 9:16, 51 frames (specification 10), rounded down to whole latents.</summary>
    public static SamplingConfig Sampling(int factor) => new() { Height = 240 / factor * factor, Width = 426 / factor * factor, NumFrames = 51 };

    private static T Load<T>(string folder, Func<JsonElement, string, T> parse)
    {
        var path = Path.Combine(folder, ModelConfig.FileName);
        using var document = JsonFile.Load(path, ModelConfig.MaximumBytes);
        return parse(document.RootElement, path);
    }

    private static VaeConfig Vae(JsonElement json, string path, Checkpoint checkpoint)
    {
        var section = ConfigSection.Of(path, "vae", json);
        // A configuration with all sizes is our own; the published one has little more than micro_frame_size.
        if (section.Has("temporal")) return VaeConfig.Parse(json, path);
        var sizes = new ConfigInference(checkpoint).Vae();
        var channels = sizes.Spatial.BlockOutChannels.Concat(sizes.Temporal.ChannelMultipliers.Select(m => m * sizes.Temporal.Filters)).ToList();
        if (channels.Find(c => c % NormGroups != 0) is not 0 and var odd)
            throw new InvalidModelException(checkpoint.Path, $"a stage has {odd} channels; Open-Sora v1.2's norms need multiples of {NormGroups}");
        return sizes with
        {
            Spatial = sizes.Spatial with { NormNumGroups = NormGroups },
            Temporal = sizes.Temporal with { NumGroups = NormGroups },
            MicroFrameSize = section.Int("micro_frame_size", 1, 1024, 17),
        };
    }
}
