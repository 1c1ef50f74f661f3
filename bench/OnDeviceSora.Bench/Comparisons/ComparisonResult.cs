using OnDeviceSora.Benchmarks;

namespace OnDeviceSora.Bench.Comparisons;

/// <summary>What a comparison measured.</summary>
/// <param name="Work">The work.</param>
/// <param name="Ours">Our runs, by precision.</param>
/// <param name="Peers">The others' runs, in the same turns.</param>
internal sealed record ComparisonResult(IBenchmarkWork Work, IReadOnlyList<OwnTiming> Ours, IReadOnlyList<PeerTiming> Peers)
{
    /// <summary>Billions of operations a second at the median.</summary>
    public double Rate(double[] seconds) => Work.Operations / Timing.Median(seconds) / 1e9;
}

/// <summary>Our seconds in a precision, run by run.</summary>
internal sealed record OwnTiming(ProductPrecision Precision, double[] Seconds)
{
    /// <summary>How many times as fast we are: the median over the pairs of runs.</summary>
    public double RatioTo(PeerTiming peer) => Timing.Median(Seconds.Zip(peer.Seconds, (own, other) => other / own));
}

/// <summary>A peer's seconds, run by run.</summary>
internal sealed record PeerTiming(string Name, double[] Seconds);
