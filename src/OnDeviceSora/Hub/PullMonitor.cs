using System.Diagnostics;

namespace OnDeviceSora.Hub;

/// <summary>Adds up what happens, from all threads, and reports it a few times a second.</summary>
internal sealed class PullMonitor(IProgress<PullProgress>? progress, Action<string>? notes, long total)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    // Before that, a rate says nothing about the time left.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TransferRate _rate = new();
    private TimeSpan _reported = -Interval;
    private string _repository = "", _file = "";
    private long _fileTotal, _fileArrived, _earlierFiles;

    /// <summary>Bytes that came over the network.</summary>
    public long Fetched { get; private set; }

    /// <summary>A file begins.</summary>
    public void Begin(HubRepository repository, HubFile file)
    {
        lock (_lock) (_repository, _file, _fileTotal, _fileArrived) = (repository.Name, file.Path, file.Size, 0);
    }

    /// <summary>The file's transfer begins, or begins anew, with this many bytes already there.</summary>
    public void Resume(long arrived)
    {
        lock (_lock) _fileArrived = arrived;
        Report(PullActivity.Fetching, null, always: true);
    }

    /// <summary>Bytes arrived; a negative number when they must be fetched again.</summary>
    public void Arrived(long bytes)
    {
        lock (_lock)
        {
            _fileArrived += bytes;
            Fetched += Math.Max(0, bytes);
        }

        Report(PullActivity.Fetching, null, always: false);
    }

    /// <summary>This many bytes of the complete file are hashed.</summary>
    public void Checked(long bytes) => Report(PullActivity.Checking, bytes, always: false);

    /// <summary>The file is in its place.</summary>
    public void Done(HubFile file)
    {
        lock (_lock)
        {
            _earlierFiles += file.Size;
            _fileArrived = 0;
        }

        Report(PullActivity.Fetching, file.Size, always: true);
    }

    /// <summary>Something the person should know.</summary>
    public void Note(string message) => notes?.Invoke(message);

    private void Report(PullActivity activity, long? fileCompleted, bool always)
    {
        if (progress is null) return;
        lock (_lock)
        {
            var now = _clock.Elapsed;
            if (!always && now - _reported < Interval) return;
            _reported = now;
            var rate = _rate.At(now, Fetched);
            var completed = _earlierFiles + _fileArrived;
            TimeSpan? remaining = rate > 1 && now > Settled ? TimeSpan.FromSeconds(Math.Min((total - completed) / rate, TimeSpan.FromDays(999).TotalSeconds)) : null;
            progress.Report(new PullProgress(activity, _repository, _file, fileCompleted ?? _fileArrived, _fileTotal, completed, total, rate, remaining, now));
        }
    }
}
