using OnDeviceSora.Tensors;

namespace OnDeviceSora.Benchmarks;

/// <summary>What this machine can do at best.</summary>
/// <param name="Products">Operations a second of each micro-kernel there is.</param>
/// <param name="BytesPerSecond">What reading memory reaches.</param>
internal sealed record MachineLimits(IReadOnlyDictionary<DataType, double> Products, double BytesPerSecond)
{
    /// <summary>Measures.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="duration">How long for each figure.</param>
    public static MachineLimits Measure(ComputeEngine engine, TimeSpan duration) => new(
        ProductPrecisions.All.Select(precision => precision.Products(engine)).Distinct().ToDictionary(type => type, type => KernelLimit.Measure(engine, type, duration)),
        MemoryBandwidth.Measure(engine, duration));

    /// <summary>The median of each figure.</summary>
    /// <param name="several">Measurements on one engine, at least one.</param>
    public static MachineLimits MedianOf(IReadOnlyList<MachineLimits> several) => new(
        several[0].Products.Keys.ToDictionary(type => type, type => Timing.Median(several.Select(limits => limits.Products[type]))),
        Timing.Median(several.Select(limits => limits.BytesPerSecond)));

    /// <summary>The roofline: what work can reach, bound by arithmetic or by the reading of its weights.</summary>
    /// <param name="work">The work.</param>
    /// <param name="products">What its products are computed in.</param>
    /// <param name="precision">What its weights are stored in.</param>
    public Roof Of(IBenchmarkWork work, DataType products, ProductPrecision precision)
    {
        var (arithmetic, memory) = (Products[products], BytesPerSecond * work.Operations / (work.Weights * precision.WeightBytes()));
        return arithmetic <= memory ? new Roof("kernel limit", arithmetic) : new Roof("memory limit", memory);
    }
}

/// <summary>The most that work can reach.</summary>
/// <param name="Name">What binds it: <c>kernel limit</c> or <c>memory limit</c>.</param>
/// <param name="OperationsPerSecond">How much that is.</param>
internal readonly record struct Roof(string Name, double OperationsPerSecond);
