namespace OnDeviceSora.Checkpoints;

/// <summary>The <c>config.json</c> of a model folder: the sizes of its three models, and its defaults.</summary>
/// <param name="TextEncoder">The T5 encoder.</param>
/// <param name="Transformer">The STDiT3 transformer.</param>
/// <param name="Vae">The video autoencoder.</param>
/// <param name="Sampling">The defaults for requests.</param>
internal sealed record ModelConfig(T5Config TextEncoder, STDiT3Config Transformer, VaeConfig Vae, SamplingConfig Sampling)
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "config.json";

    /// <summary>The largest file that is read, in bytes.</summary>
    public const long MaximumBytes = 1024 * 1024;

    /// <summary>Reads and checks a configuration file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidFileException">The file is missing, not JSON, or a value is missing or out of bounds.</exception>
    public static ModelConfig Load(string path) => Parse(path, CheckpointFile.ReadAll(path, MaximumBytes));

    /// <summary>Parses and checks the bytes of a configuration file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="utf8">Its bytes.</param>
    /// <exception cref="InvalidFileException">Not JSON, or a value is missing or out of bounds.</exception>
    public static ModelConfig Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonFile.Parse(path, utf8);
        var root = document.RootElement;
        var outermost = ConfigSection.Of(path, "", root);
        foreach (var key in (ReadOnlySpan<string>)["text_encoder", "transformer", "vae", "sampling"])
            _ = outermost.Section(key);

        var config = new ModelConfig(
            T5Config.Parse(root.GetProperty("text_encoder"), path),
            STDiT3Config.Parse(root.GetProperty("transformer"), path),
            VaeConfig.Parse(root.GetProperty("vae"), path),
            SamplingConfig.Parse(root.GetProperty("sampling"), path));
        config.RequireFit(outermost);
        return config;
    }

    /// <summary>The three models must fit each other, and the default size the autoencoder.</summary>
    private void RequireFit(ConfigSection root)
    {
        var transformer = root.Section("transformer");
        transformer.Require(Transformer.CaptionChannels == TextEncoder.DModel, "caption_channels",
            $"text_encoder.d_model ({TextEncoder.DModel})");
        transformer.Require(Transformer.InChannels == Vae.LatentChannels, "in_channels",
            $"the autoencoder's latent channels ({Vae.LatentChannels})");
        var sampling = root.Section("sampling");
        var factor = Vae.Spatial.Factor;
        sampling.Require(Sampling.Height % factor == 0, "height", $"a multiple of {factor}, the autoencoder's factor");
        sampling.Require(Sampling.Width % factor == 0, "width", $"a multiple of {factor}, the autoencoder's factor");
    }
}
