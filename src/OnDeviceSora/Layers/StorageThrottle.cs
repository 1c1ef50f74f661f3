using System.Diagnostics;

namespace OnDeviceSora.Layers;

/// <summary>Slows reading down to a given rate: to measure what a slower storage would do, or to leave others some of it.</summary>
/// <param name="bytesPerSecond">The rate, 1 or more.</param>
internal sealed class StorageThrottle(long bytesPerSecond)
{
    private TimeSpan _due;

    /// <summary>A block's first read follows: the time in which nothing was read before it is not made up for.</summary>
    public void Begin()
    {
        var now = Stopwatch.GetElapsedTime(0);
        if (now > _due) _due = now;
    }

    /// <summary>Waits until a read that began at <paramref name="start"/> would have ended at the given rate.</summary>
    /// <param name="start">When it began, from <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="bytes">What it read.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public void Await(long start, long bytes, CancellationToken cancellation)
    {
        // Waits are never exact; what one oversleeps, the next makes up for.
        var began = Stopwatch.GetElapsedTime(0, start);
        if (began - _due > Patience) _due = began;
        _due += TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
        var rest = _due - Stopwatch.GetElapsedTime(0);
        if (rest > TimeSpan.Zero) cancellation.WaitHandle.WaitOne(rest < LongestWait ? rest : LongestWait);
        cancellation.ThrowIfCancellationRequested();
    }

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>What the operating system can wait.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(int.MaxValue);
}
