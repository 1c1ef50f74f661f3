using Microsoft.Extensions.Logging;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>What a person may do to a video that is there: cancel, resume, delete. Safe against its ending at the same moment.</summary>
internal sealed class JobControl(JobStore store, JobRunner runner, TimeProvider clock, ILogger<JobControl> log)
{
    /// <summary>How long one waits for a running video to let go; a block of the largest model takes seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Cancels a video that waits or runs; one that is over stays as it is.</summary>
    /// <returns>The video; <c>null</c> when there is none.</returns>
    public async Task<VideoJob?> CancelAsync(string id)
    {
        var now = clock.GetUtcNow();
        var job = store.Change(id, present => present.Status != JobStatus.Queued ? null : present with
        {
            Status = JobStatus.Failed,
            CompletedAt = now,
            Error = new JobError(JobError.Cancelled, "somebody cancelled it; it can be resumed"),
        });
        if (job?.Status == JobStatus.InProgress) await StopAsync(id).ConfigureAwait(false);
        return store.Find(id);
    }

    /// <summary>Puts a failed video back into the queue, last; it goes on from its last step.</summary>
    /// <returns>The video; <c>null</c> when there is none. It is queued unless it had not failed.</returns>
    public VideoJob? Resume(string id) => store.Change(id, job => job.Status != JobStatus.Failed ? null : job with
    {
        Status = JobStatus.Queued,
        Error = null,
        CompletedAt = null,
        Rank = store.Snapshot.LastRank + 1,
    });

    /// <summary>Deletes a video and everything of it; a running one is stopped first.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="OutputException">Its folder cannot be removed.</exception>
    public async Task<bool> DeleteAsync(string id)
    {
        while (store.Find(id) is not null)
        {
            await StopAsync(id).ConfigureAwait(false);
            if (!store.Remove(id, _ => runner.Running?.Id != id)) continue;
            StudioLog.Deleted(log, id);
            return true;
        }

        return false;
    }

    private async Task StopAsync(string id)
    {
        if (runner.Running is not { } running || running.Id != id) return;
        running.Cancel();
        await Task.WhenAny(running.Ended, Task.Delay(Patience)).ConfigureAwait(false);
    }
}
