using System.Diagnostics;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>The video that is being generated now.</summary>
internal sealed class RunningVideo : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile StepReport? _last;
    private long _lastAt;
    private volatile bool _cancelled;

    /// <param name="id">Which one.</param>
    /// <param name="steps">Its steps so far.</param>
    /// <param name="shutdown">Cancelled when the server stops.</param>
    public RunningVideo(string id, StepLog steps, CancellationToken shutdown)
    {
        (Id, Steps) = (id, steps);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
    }

    public string Id { get; }

    public StepLog Steps { get; }

    /// <summary>When its blocks were loaded and computed in this run of the server.</summary>
    public BlockTimeline Timeline { get; } = new();

    /// <summary>Cancelled when somebody wants it to stop, or the server stops.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Whether somebody cancelled it, rather than the server being stopped.</summary>
    public bool WasCancelled => _cancelled;

    /// <summary>The last report of it.</summary>
    public StepReport? Last => _last;

    /// <summary>Seconds to the end of its stage, counted down from the last report.</summary>
    public double? RemainingSeconds => _last?.RemainingS is { } remaining ? Math.Round(Math.Max(0, remaining - Stopwatch.GetElapsedTime(Volatile.Read(ref _lastAt)).TotalSeconds), 1) : null;

    /// <summary>Completes when it is no longer running.</summary>
    public Task Ended => _ended.Task;

    public void Report(StepReport step)
    {
        Volatile.Write(ref _lastAt, Stopwatch.GetTimestamp());
        _last = step;
        Steps.Add(step);
    }

    /// <summary>Asks it to stop for good.</summary>
    public void Cancel()
    {
        _cancelled = true;
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended meanwhile.
        }
    }

    public void Dispose()
    {
        _ended.TrySetResult();
        _stop.Dispose();
    }
}
