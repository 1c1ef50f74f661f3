namespace OnDeviceSora.Bench;

/// <summary>How to time.</summary>
/// <param name="Threads">Compute threads, ours and the peer's.</param>
/// <param name="Runs">Counted runs of each; the median is reported, and the median of the ratios run by run.</param>
/// <param name="Peer"><c>torch</c>, or <c>none</c>.</param>
/// <param name="Json">One JSON object a line instead of text.</param>
internal sealed record BenchOptions(int Threads, int Runs, string Peer, bool Json);
