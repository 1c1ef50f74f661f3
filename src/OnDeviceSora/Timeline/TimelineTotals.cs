namespace OnDeviceSora.Timeline;

/// <summary>Where the time of some blocks went: what the paper's Figures 8 and 14 show, in numbers.</summary>
/// <param name="Span">From the first interval's start to the last one's end.</param>
/// <param name="Computing">Time in which a block computed.</param>
/// <param name="Loading">Time in which a block was loaded.</param>
/// <param name="Overlapped">Time in which both went on at once: loading that cost nothing.</param>
/// <param name="Loads">Blocks that were loaded, one for each time.</param>
/// <param name="LoadedBytes">Bytes that were read.</param>
public sealed record TimelineTotals(
    TimeSpan Span, TimeSpan Computing, TimeSpan Loading, TimeSpan Overlapped, int Loads, long LoadedBytes)
{
    /// <summary>Time in which no block computed: the gaps in the compute lane.</summary>
    public TimeSpan Idle => Span - Computing;

    /// <summary>A part of the span, 0 to 1; 0 when the span is empty.</summary>
    /// <param name="time">One of the times above.</param>
    public double ShareOf(TimeSpan time) => Span > TimeSpan.Zero ? time / Span : 0;

    /// <summary>Adds up.</summary>
    /// <param name="intervals">Loads and computations in any order; may be empty.</param>
    public static TimelineTotals Of(IReadOnlyCollection<BlockInterval> intervals)
    {
        ArgumentNullException.ThrowIfNull(intervals);
        if (intervals.Count == 0) return new TimelineTotals(default, default, default, default, 0, 0);
        var loads = intervals.Where(interval => interval.Activity == BlockActivity.Load).ToList();
        var (loading, computing) = (new BusyTime(loads), new BusyTime(intervals.Where(interval => interval.Activity == BlockActivity.Compute)));
        return new TimelineTotals(
            intervals.Max(interval => interval.End) - intervals.Min(interval => interval.Start),
            computing.Length, loading.Length, loading.OverlapWith(computing), loads.Count, loads.Sum(load => load.Bytes));
    }
}
