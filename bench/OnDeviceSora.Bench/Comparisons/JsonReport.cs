using System.Text.Json;
using OnDeviceSora.Benchmarks;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Comparisons;

/// <summary>
/// One JSON object a line: one for each of our precisions and each peer. The limit of the machine is a peer like the others, whose
/// ratio is the achieved share of it.
/// </summary>
internal sealed class JsonReport(TextWriter output) : IBenchReport
{
    private static readonly JsonSerializerOptions Naming = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <inheritdoc/>
    public void Print(MachineLimits limits)
    {
        foreach (var (type, rate) in limits.Products)
        {
            var precision = ProductPrecisions.All.First(precision => precision.Weights() == type);
            Write(new Line("kernel limit", precision.Name(), rate / 1e9, precision.Unit()));
        }
        Write(new Line("memory read", "bytes", limits.BytesPerSecond / 1e9, "GB/s"));
    }

    /// <inheritdoc/>
    public void Print(ComparisonResult result)
    {
        foreach (var own in result.Ours)
        {
            var line = new Line(result.Work.Name, own.Precision.Name(), result.Rate(own.Seconds), own.Precision.Unit());
            if (result.Peers.Count == 0) Write(line);
            foreach (var peer in result.Peers) Write(line with { Peer = peer.Name, PeerValue = result.Rate(peer.Seconds), Ratio = own.RatioTo(peer) });
            Write(line with { Peer = own.Roof.Name, PeerValue = own.Roof.OperationsPerSecond / 1e9, Ratio = line.Ours * 1e9 / own.Roof.OperationsPerSecond });
        }
    }

    private void Write(Line line) => output.WriteLine(JsonSerializer.Serialize(line, Naming));

    private sealed record Line(string Work, string Precision, double Ours, string Unit, string? Peer = null, double? PeerValue = null, double? Ratio = null);
}
