namespace OnDeviceSora.Checkpoints;

/// <summary>Which model a checkpoint's weights belong to.</summary>
public enum ModelKind
{
    /// <summary>None that this library runs.</summary>
    Unknown,
    /// <summary>A T5 encoder.</summary>
    T5Encoder,
    /// <summary>An STDiT3 transformer.</summary>
    STDiT3,
    /// <summary>An Open-Sora v1.2 video autoencoder.</summary>
    Vae,
}

/// <summary>Recognises a model by its tensors' names.</summary>
internal static class ModelKinds
{
    /// <summary>The model whose names these are.</summary>
    public static ModelKind Recognise(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (Starts(name, "spatial_vae.") || Starts(name, "temporal_vae.")) return ModelKind.Vae;
            if (Starts(name, "spatial_blocks.") || Starts(name, "temporal_blocks.")) return ModelKind.STDiT3;
            if (Starts(name, "encoder.block.") || name == "shared.weight") return ModelKind.T5Encoder;
        }

        return ModelKind.Unknown;
    }

    /// <summary>The other names the model's tensors may have.</summary>
    public static TensorAliases Aliases(this ModelKind kind) => kind switch
    {
        ModelKind.T5Encoder => TensorAliases.T5,
        ModelKind.Vae => TensorAliases.Vae,
        _ => TensorAliases.None,
    };

    private static bool Starts(string name, string prefix) => name.StartsWith(prefix, StringComparison.Ordinal);
}
