namespace OnDeviceSora.Bench;

/// <summary>How to time.</summary>
/// <param name="Threads">Compute threads, ours and the peers'.</param>
/// <param name="Runs">Counted runs of each; <c>null</c> for as many as each work's time has room for. Medians are reported.</param>
/// <param name="Peer"><c>torch</c>, <c>ort</c>, <c>all</c> or <c>none</c>.</param>
/// <param name="InstallPeers">Whether to fetch the peers that a package manager without privileges can fetch.</param>
/// <param name="Json">One JSON object a line instead of tables.</param>
internal sealed record BenchOptions(int Threads, int? Runs, string Peer, bool InstallPeers, bool Json);
