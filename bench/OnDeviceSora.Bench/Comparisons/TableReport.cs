using System.Globalization;
using OnDeviceSora.Benchmarks;

namespace OnDeviceSora.Bench.Comparisons;

/// <summary>A small table for each work: a row for each of our precisions and each peer, a column for the ratio to each peer.</summary>
internal sealed class TableReport(TextWriter output) : IBenchReport
{
    /// <inheritdoc/>
    public void Print(MachineLimits limits)
    {
        foreach (var (type, rate) in limits.Products)
        {
            var precision = ProductPrecisions.All.First(precision => precision.Weights() == type);
            output.WriteLine(Row($"kernel limit, {precision.Name()}", Number(rate / 1e9), precision.Unit()));
        }
        output.WriteLine(Row("memory read", Number(limits.BytesPerSecond / 1e9), "GB/s"));
    }

    /// <inheritdoc/>
    public void Print(ComparisonResult result)
    {
        output.WriteLine();
        output.WriteLine(Row(result.Work.Name, [result.Ours.Count > 0 ? result.Ours[0].Precision.Unit() : "", "seconds", "of limit", .. result.Peers.Select(peer => $"/ {peer.Name}")]));
        foreach (var own in result.Ours)
        {
            var rate = result.Rate(own.Seconds);
            var share = string.Create(CultureInfo.InvariantCulture, $"{rate * 1e9 / own.Roof.OperationsPerSecond:P0}");
            output.WriteLine(Row("  " + own.Precision.Name(), [
                Number(rate), Seconds(own.Seconds), own.Roof.Name == "kernel limit" ? share : share + " (mem)",
                .. result.Peers.Select(peer => own.RatioTo(peer).ToString("F2", CultureInfo.InvariantCulture)),
            ]));
        }
        foreach (var peer in result.Peers) output.WriteLine(Row("  " + peer.Name, Number(result.Rate(peer.Seconds)), Seconds(peer.Seconds)));
        output.Flush();
    }

    private static string Seconds(double[] seconds) => Timing.Median(seconds).ToString("F3", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);

    private static string Row(string name, params ReadOnlySpan<string> cells)
    {
        var row = name.PadRight(32);
        foreach (var cell in cells) row += cell.PadLeft(14);
        return row;
    }
}
