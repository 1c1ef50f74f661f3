using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>Takes videos one at a time, in the order of the queue; what an earlier server was interrupted in goes first.</summary>
internal sealed class JobQueue : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly JobStore _store;
    private readonly JobRunner _runner;
    private readonly ILogger<JobQueue> _log;
    private readonly SemaphoreSlim _changed = new(0, 1);

    public JobQueue(JobStore store, JobRunner runner, ILogger<JobQueue> log)
    {
        (_store, _runner, _log) = (store, runner, log);
        store.Changed += _ => Wake();
    }

    /// <summary>Whether work is taken: from the start of the server to its end.</summary>
    public bool IsTakingWork { get; private set; }

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        IsTakingWork = true;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (_store.Snapshot.Next is { } next) await RunAsync(next, stoppingToken).ConfigureAwait(false);
                else await _changed.WaitAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops while nothing runs.
        }
        finally
        {
            IsTakingWork = false;
        }
    }

    /// <summary>A disk on which not even the beginning can be noted is given time, rather than a busy loop.</summary>
    private async Task RunAsync(VideoJob job, CancellationToken stoppingToken)
    {
        await _runner.RunAsync(job, stoppingToken).ConfigureAwait(false);
        if (stoppingToken.IsCancellationRequested || _store.Find(job.Id) is not { IsOver: false } stuck || stuck.Status == JobStatus.Queued) return;
        StudioLog.Note(_log, job.Id, "its state cannot be changed; trying again");
        await Task.Delay(AfterFailure, stoppingToken).ConfigureAwait(false);
    }

    private void Wake()
    {
        try
        {
            if (_changed.CurrentCount == 0) _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }
}
