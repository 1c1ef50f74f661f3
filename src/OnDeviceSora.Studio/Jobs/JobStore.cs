using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>
/// All videos: in memory for reading, in their folders for ever. A change is on the disk before anybody sees it. Readers never wait for writers.
/// </summary>
internal sealed class JobStore
{
    private readonly DataFolder _data;
    private readonly Lock _writing = new();
    private JobSnapshot _snapshot;

    /// <summary>Reads what an earlier server left.</summary>
    public JobStore(DataFolder data, VideoIds ids, ILogger<JobStore> log)
    {
        _data = data;
        _snapshot = new JobSnapshot(Load(data, log).ToImmutableSortedDictionary(job => job.Id, job => job, StringComparer.Ordinal));
        foreach (var id in _snapshot.Jobs.Keys) ids.Saw(id);
    }

    /// <summary>Told of every change, in order, and of what is gone. Called while writing: must be quick.</summary>
    public event Action<VideoJob>? Changed;

    /// <summary>Told of every video that was deleted.</summary>
    public event Action<string>? Removed;

    /// <summary>All videos as they are now.</summary>
    public JobSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>A video, or <c>null</c>.</summary>
    public VideoJob? Find(string id) => Snapshot.Jobs.GetValueOrDefault(id);

    /// <summary>The folder of a video.</summary>
    public JobFolder Folder(string id) => _data.Job(id);

    /// <summary>Adds a new video.</summary>
    /// <param name="make">Makes it, given the largest rank so far.</param>
    /// <exception cref="OutputException">It cannot be saved; nothing was added.</exception>
    public VideoJob Add(Func<double, VideoJob> make)
    {
        lock (_writing)
        {
            var job = make(Snapshot.LastRank);
            try
            {
                Folder(job.Id).Save(job, survivesPowerLoss: true);
            }
            catch (OutputException)
            {
                Folder(job.Id).Delete();
                throw;
            }

            Show(job);
            return job;
        }
    }

    /// <summary>Changes a video.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="change">Makes the changed one of the present one; <c>null</c> leaves it as it is.</param>
    /// <param name="survivesPowerLoss">Whether to wait until the disk has it.</param>
    /// <returns>The video as it is now; <c>null</c> when there is none.</returns>
    /// <exception cref="OutputException">It cannot be saved; it was not changed.</exception>
    public VideoJob? Change(string id, Func<VideoJob, VideoJob?> change, bool survivesPowerLoss = true)
    {
        lock (_writing)
        {
            if (Find(id) is not { } present || change(present) is not { } changed || changed == present) return Find(id);
            Folder(id).Save(changed, survivesPowerLoss);
            Show(changed);
            return changed;
        }
    }

    /// <summary>Ends a video with an error even where the disk cannot be written: then the error lives as long as the server.</summary>
    public void Fail(string id, Func<VideoJob, VideoJob?> fail)
    {
        lock (_writing)
        {
            try
            {
                Change(id, fail);
            }
            catch (OutputException) when (Find(id) is { } present && fail(present) is { } failed)
            {
                Show(failed);
            }
        }
    }

    /// <summary>Deletes a video.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="allowed">Whether it may be deleted as it stands.</param>
    /// <returns>Whether it is gone now by this call.</returns>
    /// <exception cref="OutputException">Its folder cannot be removed.</exception>
    public bool Remove(string id, Func<VideoJob, bool> allowed)
    {
        lock (_writing)
        {
            if (Find(id) is not { } job || !allowed(job)) return false;
            Folder(id).Delete();
            Volatile.Write(ref _snapshot, new JobSnapshot(_snapshot.Jobs.Remove(id)));
            Removed?.Invoke(id);
            return true;
        }
    }

    /// <summary>Moves a waiting video to another place of the queue.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="position">0 for next; larger than the queue for last.</param>
    /// <returns>Whether it waits, so that it could be moved.</returns>
    /// <exception cref="OutputException">It cannot be saved.</exception>
    public bool Move(string id, int position)
    {
        lock (_writing)
        {
            if (Find(id) is not { Status: JobStatus.Queued }) return false;
            var others = Snapshot.Waiting.Where(job => job.Id != id).ToList();
            var place = Math.Clamp(position, 0, others.Count);
            if (QueueRank.Between(others, place) is not { } rank)
            {
                // Doubles ran out between two neighbours: everybody gets a new number.
                for (var i = 0; i < others.Count; i++) Change(others[i].Id, Ranked(i < place ? i : i + 1));
                rank = place;
            }
            Change(id, Ranked(rank));
            return true;
        }

        static Func<VideoJob, VideoJob?> Ranked(double rank) => job => job with { Rank = rank };
    }

    private void Show(VideoJob job)
    {
        Volatile.Write(ref _snapshot, new JobSnapshot(_snapshot.Jobs.SetItem(job.Id, job)));
        Changed?.Invoke(job);
    }

    private static IEnumerable<VideoJob> Load(DataFolder data, ILogger log)
    {
        foreach (var id in data.Ids())
        {
            VideoJob job;
            try
            {
                job = data.Job(id).Read();
                if (job.Id != id) throw new InvalidFileException(id, $"it holds the job {job.Id}");
            }
            catch (InvalidFileException e)
            {
                StudioLog.UnreadableJob(log, id, e.Message);
                continue;
            }

            yield return job;
        }
    }
}
