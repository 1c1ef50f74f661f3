namespace OnDeviceSora.Checkpoints;

/// <summary>In which precision a device package keeps weights of two or more dimensions; all else stays single precision.</summary>
public enum WeightPrecision
{
    /// <summary>IEEE single precision, 4 bytes a weight.</summary>
    Fp32,

    /// <summary>bfloat16, 2 bytes a weight.</summary>
    Bf16,

    /// <summary>IEEE half precision, 2 bytes a weight; magnitudes up to 65504.</summary>
    Fp16,

    /// <summary>Signed 8-bit integers, symmetric, with one fp32 scale an output row: weight = integer x scale. A few sensitive layers stay bfloat16 (<see cref="SensitiveWeights"/>).</summary>
    Int8,
}

/// <summary>The precisions of a package's three models.</summary>
/// <param name="TextEncoder">The T5 encoder.</param>
/// <param name="Transformer">The STDiT3 transformer.</param>
/// <param name="Vae">The video autoencoder; not int8.</param>
public sealed record PackagePrecision(
    WeightPrecision TextEncoder = WeightPrecision.Int8,
    WeightPrecision Transformer = WeightPrecision.Bf16,
    WeightPrecision Vae = WeightPrecision.Fp32)
{
    /// <summary>Refuses what no kernel computes with.</summary>
    /// <exception cref="InvalidRequestException">The autoencoder is int8.</exception>
    internal void Check()
    {
        if (Vae == WeightPrecision.Int8)
            throw new InvalidRequestException(nameof(Vae), "The autoencoder's precision is int8; it must be fp32, bf16 or fp16; only the text encoder and the transformer can be int8.");
    }
}

/// <summary>Names and element types of the precisions.</summary>
public static class WeightPrecisions
{
    /// <summary>The name on command lines and in manifests: <c>fp32</c>, <c>bf16</c>, <c>fp16</c> or <c>int8</c>.</summary>
    /// <param name="precision">The precision.</param>
    public static string Name(this WeightPrecision precision) => precision switch
    {
        WeightPrecision.Fp32 => "fp32",
        WeightPrecision.Bf16 => "bf16",
        WeightPrecision.Fp16 => "fp16",
        WeightPrecision.Int8 => "int8",
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "not a precision"),
    };

    /// <summary>The precision with a name.</summary>
    /// <param name="name">One of the names, in lower case.</param>
    /// <param name="precision">The precision, when the name is one.</param>
    public static bool TryParse(string? name, out WeightPrecision precision)
    {
        foreach (var known in Enum.GetValues<WeightPrecision>())
        {
            precision = known;
            if (known.Name() == name) return true;
        }

        precision = default;
        return false;
    }

    /// <summary>How elements of this precision are stored.</summary>
    internal static ElementType ElementType(this WeightPrecision precision) => precision switch
    {
        WeightPrecision.Bf16 => Checkpoints.ElementType.BF16,
        WeightPrecision.Fp16 => Checkpoints.ElementType.F16,
        WeightPrecision.Int8 => Checkpoints.ElementType.I8,
        _ => Checkpoints.ElementType.F32,
    };
}
