using OnDeviceSora.Tensors;

namespace OnDeviceSora.Benchmarks;

/// <summary>What this machine could do at best.</summary>
/// <param name="Products">Operations a second of the micro-kernel of each type that has one.</param>
/// <param name="BytesPerSecond">What reading memory reaches.</param>
internal sealed record MachineLimits(IReadOnlyDictionary<DataType, double> Products, double BytesPerSecond)
{
    /// <summary>Measures.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="duration">How long for each figure.</param>
    public static MachineLimits Measure(ComputeEngine engine, TimeSpan duration)
    {
        var products = new Dictionary<DataType, double>();
        foreach (var type in ProductPrecisions.All.Select(precision => precision.Products()).Distinct())
        {
            if (KernelLimit.Measure(engine, type, duration) is { } limit) products[type] = limit;
        }
        return new MachineLimits(products, MemoryBandwidth.Measure(engine, duration));
    }

    /// <summary>The roofline: what work can reach, bound by arithmetic or by the reading of its weights.</summary>
    public Roof Of(IBenchmarkWork work, ProductPrecision precision)
    {
        var (arithmetic, memory) = (Products[precision.Products()], BytesPerSecond * work.Operations / (work.Weights * precision.WeightBytes()));
        return arithmetic <= memory ? new Roof("kernel limit", arithmetic) : new Roof("memory limit", memory);
    }
}

/// <summary>The most that work can reach.</summary>
/// <param name="Name">What binds it: <c>kernel limit</c> or <c>memory limit</c>.</param>
/// <param name="OperationsPerSecond">How much that is.</param>
internal readonly record struct Roof(string Name, double OperationsPerSecond);
