using System.Diagnostics;

namespace OnDeviceSora.Checkpoints;

/// <summary>Counts the bytes of a package's work and reports them, at most ten times a second.</summary>
/// <param name="totalBytes">Bytes of all files.</param>
/// <param name="progress">Receives reports; may be <c>null</c>.</param>
internal sealed class PackageMeter(long totalBytes, IProgress<PackageProgress>? progress)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _last = -Interval;
    private long _completed;

    /// <summary>Counts bytes.</summary>
    /// <param name="bytes">How many more.</param>
    /// <param name="file">The file at work.</param>
    /// <param name="item">The block at work.</param>
    public void Add(long bytes, string file, string item)
    {
        _completed += bytes;
        if (progress is null) return;
        var elapsed = Stopwatch.GetElapsedTime(_start);
        if (elapsed - _last < Interval && _completed < totalBytes) return;
        _last = elapsed;
        progress.Report(new PackageProgress(file, item, _completed, totalBytes, elapsed));
    }
}
