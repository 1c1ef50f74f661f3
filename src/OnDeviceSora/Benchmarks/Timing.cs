using System.Diagnostics;

namespace OnDeviceSora.Benchmarks;

/// <summary>Times and what is made of them.</summary>
internal static class Timing
{
    /// <summary>Seconds that something takes.</summary>
    public static double SecondsOf(Action run)
    {
        var clock = Stopwatch.StartNew();
        run();
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>The middle one, or the mean of the middle two.</summary>
    /// <param name="values">At least one.</param>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
