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

/// <summary>Our runs in a precision.</summary>
/// <param name="Precision">The precision.</param>
/// <param name="Seconds">Each run's time.</param>
/// <param name="Roof">The most that the machine could do in the same minutes.</param>
internal sealed record OwnTiming(ProductPrecision Precision, double[] Seconds, Roof Roof)
{
    /// <summary>How many times as fast we are: the median over the pairs of runs.</summary>
    public double RatioTo(PeerTiming peer) => Timing.Median(Seconds.Zip(peer.Seconds, (own, other) => other / own));
}

/// <summary>A peer's runs.</summary>
/// <param name="Name">The peer and its precision.</param>
/// <param name="Seconds">Each run's time.</param>
internal sealed record PeerTiming(string Name, double[] Seconds);
