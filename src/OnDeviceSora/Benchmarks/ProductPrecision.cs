using OnDeviceSora.Tensors;

namespace OnDeviceSora.Benchmarks;

/// <summary>What a benchmark stores weights in, and multiplies in where this machine's kernels can.</summary>
public enum ProductPrecision
{
    /// <summary>IEEE 754 binary32.</summary>
    Fp32,

    /// <summary>bfloat16.</summary>
    Bf16,

    /// <summary>Signed 8-bit integers with a scale for each output feature.</summary>
    Int8,
}

/// <summary>What each precision means: the one place to say so.</summary>
internal static class ProductPrecisions
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ProductPrecision> All { get; } = Enum.GetValues<ProductPrecision>();

    /// <summary>How weights are stored.</summary>
    public static DataType Weights(this ProductPrecision precision) => precision switch
    {
        ProductPrecision.Bf16 => DataType.BF16,
        ProductPrecision.Int8 => DataType.I8,
        _ => DataType.F32,
    };

    /// <summary>What products are computed in: the precision, or fp32 where this machine has no such kernel and weights are widened.</summary>
    public static DataType Products(this ProductPrecision precision, ComputeEngine engine) =>
        KernelLimit.Exists(engine, precision.Weights()) ? precision.Weights() : DataType.F32;

    /// <summary>Its name in results.</summary>
    public static string Name(this ProductPrecision precision) => precision.ToString().ToLowerInvariant();

    /// <summary>Bytes of a stored weight.</summary>
    public static int WeightBytes(this ProductPrecision precision) => precision switch
    {
        ProductPrecision.Bf16 => 2,
        ProductPrecision.Int8 => 1,
        _ => 4,
    };

    /// <summary>A billion operations a second.</summary>
    public static string Unit(this ProductPrecision precision) => precision == ProductPrecision.Int8 ? "GOP/s" : "GFLOP/s";
}
