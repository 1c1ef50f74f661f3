namespace OnDeviceSora.Timeline;

/// <summary>The times at which a lane of a timeline is busy: stretches in order that neither touch nor overlap.</summary>
internal sealed class BusyTime
{
    private readonly List<(TimeSpan Start, TimeSpan End)> _stretches = [];

    /// <summary>Joins intervals that may come in any order, touch and overlap.</summary>
    public BusyTime(IEnumerable<BlockInterval> intervals)
    {
        foreach (var interval in intervals.OrderBy(interval => interval.Start))
        {
            if (_stretches.Count > 0 && interval.Start <= _stretches[^1].End)
                _stretches[^1] = (_stretches[^1].Start, interval.End > _stretches[^1].End ? interval.End : _stretches[^1].End);
            else
                _stretches.Add((interval.Start, interval.End));
        }
    }

    /// <summary>How long the lane is busy in all.</summary>
    public TimeSpan Length => Sum(_stretches);

    /// <summary>For how long both lanes are busy.</summary>
    public TimeSpan OverlapWith(BusyTime other)
    {
        var both = new List<(TimeSpan, TimeSpan)>();
        for (int i = 0, j = 0; i < _stretches.Count && j < other._stretches.Count;)
        {
            var (a, b) = (_stretches[i], other._stretches[j]);
            var (start, end) = (a.Start > b.Start ? a.Start : b.Start, a.End < b.End ? a.End : b.End);
            if (start < end) both.Add((start, end));
            if (a.End < b.End) i++;
            else j++;
        }
        return Sum(both);
    }

    private static TimeSpan Sum(IEnumerable<(TimeSpan Start, TimeSpan End)> stretches) =>
        stretches.Aggregate(TimeSpan.Zero, (sum, stretch) => sum + (stretch.End - stretch.Start));
}
