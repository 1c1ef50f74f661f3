namespace OnDeviceSora.Bench.Comparisons;

/// <summary>How often everyone runs in the time there is.</summary>
internal static class Schedule
{
    /// <summary>Most runs that are counted where time is no matter.</summary>
    public const int MostRuns = 7;

    /// <summary>Whether a peer's run is short enough to wait for: half of the time there is.</summary>
    public static bool IsWorthWhile(double expectedSeconds, TimeSpan budget) => expectedSeconds <= budget.TotalSeconds / 2;

    /// <summary>Rounds, in each of which everyone runs once: 1 to <see cref="MostRuns"/>.</summary>
    /// <param name="expectedSeconds">What a run of each will take.</param>
    /// <param name="budget">What all runs may take.</param>
    public static int Rounds(IEnumerable<double> expectedSeconds, TimeSpan budget) =>
        (int)Math.Clamp(budget.TotalSeconds / expectedSeconds.Sum(), 1, MostRuns);
}
