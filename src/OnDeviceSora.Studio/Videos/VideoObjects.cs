using OnDeviceSora.Acceleration;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>Shows jobs as the Videos API does.</summary>
internal sealed class VideoObjects(JobStore store, JobRunner runner, StudioOptions options)
{
    public VideoObject Of(VideoJob job)
    {
        var running = job.Status == JobStatus.InProgress && runner.Running is { } video && video.Id == job.Id ? video : null;
        var (request, outcome) = (job.Request, job.Outcome);
        return new VideoObject
        {
            Id = job.Id,
            Model = job.Model,
            Status = NameOf(job.Status),
            Progress = job.Progress,
            CreatedAt = job.CreatedAt.ToUnixTimeSeconds(),
            CompletedAt = job.Status == JobStatus.Completed ? job.CompletedAt?.ToUnixTimeSeconds() : null,
            ExpiresAt = JobExpiry.Of(job, options)?.ToUnixTimeSeconds(),
            Prompt = request.Prompt,
            Seconds = job.Seconds,
            Size = $"{request.Width}x{request.Height}",
            RemixedFromVideoId = job.RemixedFrom,
            Error = job.Error is { } error ? new VideoError(error.Code, error.Message) : null,
            Seed = request.Seed,
            NumFrames = request.Frames!.Value,
            Fps = request.FramesPerSecond!.Value,
            NumInferenceSteps = request.Steps!.Value,
            GuidanceScale = request.GuidanceScale!.Value,
            Leap = LeapOf(request.Leap),
            MergeSteps = request.MergeSteps,
            Memory = job.Memory,
            QueuePosition = store.Snapshot.PositionOf(job.Id),
            Stage = running?.Last?.Stage,
            RemainingS = running?.RemainingSeconds,
            ExecutedSteps = outcome?.ExecutedSteps,
            LeapStep = outcome?.LeapStep,
            InferenceTimeS = outcome?.Seconds,
            PeakMemoryMb = outcome is null ? null : Math.Round(outcome.PeakResidentBytes / 1e6, 1),
            ContentType = job.Status == JobStatus.Completed ? outcome?.ContentType : null,
            Adjusted = job.Adjusted,
        };
    }

    /// <summary>The word, or the step, for leap settings.</summary>
    public static object LeapOf(LeapSettings leap) => leap switch
    {
        LeapSettings.Fixed at => at.Step,
        LeapSettings.Dynamic => "auto",
        _ => "off",
    };

    private static string NameOf(JobStatus status) => status switch
    {
        JobStatus.Queued => "queued",
        JobStatus.InProgress => "in_progress",
        JobStatus.Completed => "completed",
        _ => "failed",
    };
}
