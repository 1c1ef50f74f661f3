using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>The sizes of an STDiT3 transformer; members carry the names of the published configuration (specification 5).</summary>
internal sealed record STDiT3Config
{
    /// <summary>Width of a token (<c>hidden_size</c>), a multiple of 4 and of the heads.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Attention heads (<c>num_heads</c>).</summary>
    public required int NumHeads { get; init; }

    /// <summary>Spatial blocks, and as many temporal blocks.</summary>
    public required int Depth { get; init; }

    /// <summary>Width of the text encoder's output.</summary>
    public required int CaptionChannels { get; init; }

    /// <summary>Text tokens the null prompt has, and the longest prompt.</summary>
    public int ModelMaxLength { get; init; } = 300;

    /// <summary>Width inside the MLP as a multiple of <see cref="HiddenSize"/>.</summary>
    public float MlpRatio { get; init; } = 4;

    /// <summary>Side in pixels of the square picture whose position embedding is not scaled.</summary>
    public int InputSqSize { get; init; } = 512;

    /// <summary>Latent channels.</summary>
    public int InChannels { get; init; } = 4;

    /// <summary>Frames (always 1), rows and columns of latents in a token.</summary>
    public (int Frames, int Height, int Width) PatchSize { get; init; } = (1, 2, 2);

    /// <summary>Whether the output has a second set of channels, unused in sampling.</summary>
    public bool PredSigma { get; init; } = true;

    /// <summary>Whether queries and keys get an RMS norm.</summary>
    public bool QkNorm { get; init; } = true;

    /// <summary>Width of one head.</summary>
    public int HeadSize => HiddenSize / NumHeads;

    /// <summary>Width inside the MLP.</summary>
    public int MlpHiddenSize => (int)Math.Round(HiddenSize * (double)MlpRatio);

    /// <summary>Channels of the output.</summary>
    public int OutChannels => PredSigma ? 2 * InChannels : InChannels;

    /// <summary>Reads and checks the object of a configuration file.</summary>
    /// <param name="config">The object, with the published key names; unknown keys are ignored.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidFileException">A value is missing or out of bounds.</exception>
    public static STDiT3Config Parse(JsonElement config, string path)
    {
        var section = ConfigSection.Of(path, "transformer", config);
        var hidden = section.Int("hidden_size", 4, 65_536);
        var heads = section.Int("num_heads", 1, 1024);
        section.Require(hidden % 4 == 0, "hidden_size", "a multiple of 4, for the position embedding");
        section.Require(hidden % heads == 0, "hidden_size", $"a multiple of num_heads ({heads})");
        section.Require(hidden / heads % 2 == 0, "num_heads", $"such that hidden_size / num_heads ({hidden / heads}) is even, for the rotary embedding");
        var ratio = section.Number("mlp_ratio", 1.0 / 64, 64, 4);
        section.Require(hidden * ratio >= 1 && Math.Abs((hidden * ratio) - Math.Round(hidden * ratio)) < 1e-3, "mlp_ratio", $"such that hidden_size ({hidden}) times it is a whole number");
        var patch = section.Ints("patch_size", 1, 16, [1, 2, 2]);
        section.Require(patch is [1, _, _], "patch_size", "three integers, the first of them 1");
        return new STDiT3Config
        {
            HiddenSize = hidden,
            NumHeads = heads,
            Depth = section.Int("depth", 1, 512),
            CaptionChannels = section.Int("caption_channels", 1, 65_536),
            ModelMaxLength = section.Int("model_max_length", 1, 16_384, 300),
            MlpRatio = (float)ratio,
            InputSqSize = section.Int("input_sq_size", 1, 65_536, 512),
            InChannels = section.Int("in_channels", 1, 1024, 4),
            PatchSize = (patch[0], patch[1], patch[2]),
            PredSigma = section.Flag("pred_sigma", true),
            QkNorm = section.Flag("qk_norm", true),
        };
    }
}
