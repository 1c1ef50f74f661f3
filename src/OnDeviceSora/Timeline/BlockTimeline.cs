using System.Diagnostics;

namespace OnDeviceSora.Timeline;

/// <summary>
/// Records when each block was loaded and computed, and how much memory the process held, at the cost of a list entry a
/// block. Safe for use from several threads.
/// </summary>
public sealed class BlockTimeline
{
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly Lock _lock = new();
    private readonly List<BlockInterval> _intervals = [];
    private readonly List<MemorySample> _samples = [];

    /// <summary>Time since the timeline was created.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_origin);

    /// <summary>Every interval so far, in the order of their ends.</summary>
    public IReadOnlyList<BlockInterval> Intervals
    {
        get { lock (_lock) return [.. _intervals]; }
    }

    /// <summary>Every memory sample so far.</summary>
    public IReadOnlyList<MemorySample> Samples
    {
        get { lock (_lock) return [.. _samples]; }
    }

    internal void Add(BlockInterval interval)
    {
        lock (_lock) _intervals.Add(interval);
    }

    internal void Add(MemorySample sample)
    {
        lock (_lock) _samples.Add(sample);
    }
}
