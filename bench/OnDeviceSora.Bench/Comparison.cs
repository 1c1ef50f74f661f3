using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OnDeviceSora.Bench;

/// <summary>One piece of work, timed here and, run by run in turn, in a peer.</summary>
internal static class Comparison
{
    /// <summary>Times the work and prints one line.</summary>
    /// <param name="work">Name of the work.</param>
    /// <param name="flop">Floating-point operations in one run (a multiply-add counts two).</param>
    /// <param name="run">Runs it once.</param>
    /// <param name="options">Runs, threads, peer, output form.</param>
    /// <param name="precision">What is computed here, and in what storage; the peer computes fp32 from fp32.</param>
    public static void Print(string work, double flop, Action run, BenchOptions options, string precision = "fp32")
    {
        using var peer = options.Peer == "torch" ? new TorchPeer(work, "fp32", options.Threads) : null;
        run();
        var (ours, theirs) = (new double[options.Runs], new double[options.Runs]);
        for (var i = 0; i < options.Runs; i++)
        {
            var clock = Stopwatch.StartNew();
            run();
            ours[i] = clock.Elapsed.TotalSeconds;
            theirs[i] = peer?.Run() ?? double.NaN;
        }

        var ratios = ours.Zip(theirs, (o, t) => t / o).ToArray();
        var result = new Result(work, precision, flop / Median(ours) / 1e9, "GFLOP/s",
            peer is null ? null : "torch fp32", peer is null ? null : flop / Median(theirs) / 1e9, peer is null ? null : Median(ratios));
        Console.WriteLine(options.Json ? result.ToJson() : result.ToText(Median(ours)));
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private sealed record Result(string Work, string Precision, double Ours, string Unit, string? Peer, double? PeerValue, double? Ratio)
    {
        private static readonly JsonSerializerOptions Naming = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

        public string ToJson() => JsonSerializer.Serialize(this, Naming);

        public string ToText(double seconds)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{Work,-26} {Precision,-27} {Ours,7:F1} {Unit}  {seconds,8:F3} s");
            return Peer is null ? text : text + string.Create(CultureInfo.InvariantCulture, $"   {Peer} {PeerValue:F1}   ratio {Ratio:F2}");
        }
    }
}
