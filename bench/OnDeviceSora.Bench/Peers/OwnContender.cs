using OnDeviceSora.Benchmarks;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Peers;

/// <summary>Our own engine in one precision.</summary>
internal sealed class OwnContender : IContender
{
    private readonly IPreparedWork _work;

    /// <summary>Makes the weights up and warms up.</summary>
    public OwnContender(ComputeEngine engine, IBenchmarkWork work, ProductPrecision precision)
    {
        Precision = precision;
        _work = work.Prepare(engine, precision);
        ExpectedSeconds = _work.WarmUp();
    }

    /// <summary>The precision.</summary>
    public ProductPrecision Precision { get; }

    /// <inheritdoc/>
    public string Name => Precision.Name();

    /// <inheritdoc/>
    public double ExpectedSeconds { get; }

    /// <inheritdoc/>
    public double Run() => Timing.SecondsOf(_work.Run);

    public void Dispose() => _work.Dispose();
}
