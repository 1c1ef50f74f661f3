using Microsoft.Extensions.Logging;
using OnDeviceSora.Studio.Models;
using OnDeviceSora.Studio.Telemetry;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>Generates one video, from wherever an earlier run of the server left it, and sees that every end of it is told.</summary>
internal sealed class JobRunner(JobStore store, StudioModel model, PreviewFile preview, JobFeed feed, StudioMetrics metrics, TimeProvider clock, ILogger<JobRunner> log)
{
    private volatile RunningVideo? _running;

    /// <summary>The video that is being generated now.</summary>
    public RunningVideo? Running => _running;

    /// <summary>Runs a video to one of its ends, or until the server stops: then it stays <see cref="JobStatus.InProgress"/>.</summary>
    public async Task RunAsync(VideoJob job, CancellationToken shutdown)
    {
        var folder = store.Folder(job.Id);
        using var running = new RunningVideo(job.Id, new StepLog(folder.Steps), shutdown);
        _running = running;
        try
        {
            if (store.Change(job.Id, Started) is not { Status: JobStatus.InProgress } started) return;
            // The file came last: with it everything was there, and only the note of it is missing.
            if (started.Outcome is not { } outcome || !File.Exists(folder.At(outcome.FileName))) await GenerateAsync(started, folder, running).ConfigureAwait(false);
            Complete(job.Id);
        }
        catch (OperationCanceledException) when (running.WasCancelled)
        {
            Fail(job.Id, new JobError(JobError.Cancelled, "somebody cancelled it; it can be resumed"));
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            StudioLog.Interrupted(log, job.Id);
        }
        // Whatever happens to one video, the others go on.
        catch (Exception error)
        {
            var failure = JobFailure.Describe(error);
            if (failure.Code == JobError.GenerationFailed && error is not SoraException) StudioLog.Unexpected(log, job.Id, error);
            Fail(job.Id, failure);
        }
        finally
        {
            _running = null;
        }
    }

    private async Task GenerateAsync(VideoJob job, JobFolder folder, RunningVideo running)
    {
        var draws = await preview.GetAsync(() => model.Open(job.Memory, running.Timeline, null), running.Stop).ConfigureAwait(false);
        using var pipeline = model.Open(job.Memory, running.Timeline, draws);
        using var checkpoint = OpenCheckpoint(folder);
        StudioLog.Started(log, job.Id);
        if (checkpoint.State is { CompletedSteps: > 0 and var done }) StudioLog.Continued(log, job.Id, done);
        var files = new VideoFiles(folder);
        var progress = new JobProgress(job, running, files, store, feed);
        var video = await pipeline.GenerateAsync(job.Request, checkpoint, progress, running.Stop).ConfigureAwait(false);
        preview.Learn(video);
        await files.WriteCompanionsAsync(video, running, running.Stop).ConfigureAwait(false);
        var outcome = new JobOutcome(files.VideoName, video.ExecutedSteps, video.LeapStep, Math.Round(video.Timings.Values.Sum(time => time.TotalSeconds), 3), video.PeakResidentBytes);
        store.Change(job.Id, present => present with { Outcome = outcome });
        await files.WriteVideoAsync(video, outcome.FileName, running.Stop).ConfigureAwait(false);
    }

    /// <summary>A state that is damaged is worth nothing: the video starts anew.</summary>
    private static GenerationCheckpoint OpenCheckpoint(JobFolder folder)
    {
        try
        {
            return GenerationCheckpoint.Open(folder.Checkpoint);
        }
        catch (InvalidFileException)
        {
            return GenerationCheckpoint.Open(folder.Checkpoint, discard: true);
        }
    }

    private static VideoJob? Started(VideoJob job) => job.IsOver ? null : job with { Status = JobStatus.InProgress };

    private void Complete(string id)
    {
        var now = clock.GetUtcNow();
        var done = store.Change(id, job => job with { Status = JobStatus.Completed, Progress = 100, CompletedAt = now, Error = null });
        store.Folder(id).RemoveWorkingFiles();
        if (done?.Outcome is not { } outcome) return;
        metrics.Finished("completed", outcome.Seconds);
        StudioLog.Completed(log, id, outcome.Seconds);
    }

    private void Fail(string id, JobError error)
    {
        var now = clock.GetUtcNow();
        store.Fail(id, job => job.IsOver ? null : job with { Status = JobStatus.Failed, Error = error, CompletedAt = now });
        metrics.Finished("failed", null);
        StudioLog.Failed(log, id, error.Code, error.Message);
    }
}
