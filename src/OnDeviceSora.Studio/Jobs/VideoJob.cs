namespace OnDeviceSora.Studio.Jobs;

/// <summary>One video that was asked for: what <c>job.json</c> in its folder holds. Immutable.</summary>
internal sealed record VideoJob
{
    /// <summary>Its name: <c>video_</c> and 26 letters and digits that sort by the time of creation.</summary>
    public required string Id { get; init; }

    /// <summary>What to generate, complete.</summary>
    public required VideoRequest Request { get; init; }

    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its place in the queue: smaller runs earlier.</summary>
    public required double Rank { get; init; }

    /// <summary>The length as the Videos API says it, a decimal number.</summary>
    public required string Seconds { get; init; }

    /// <summary>Resident memory it may take, in bytes; <c>null</c> for what the server may.</summary>
    public long? Memory { get; init; }

    /// <summary>How long it will take, in seconds, by the plan made at its creation; see <see cref="PlanExperience"/>.</summary>
    public double? PlannedSeconds { get; init; }

    /// <summary>What was changed to make the request possible, in words.</summary>
    public IReadOnlyList<string> Adjusted { get; init; } = [];

    /// <summary>The video that it is a remix of.</summary>
    public string? RemixedFrom { get; init; }

    /// <summary>Where it stands.</summary>
    public JobStatus Status { get; init; } = JobStatus.Queued;

    /// <summary>0 to 100; never falls, 100 only when completed.</summary>
    public int Progress { get; init; }

    /// <summary>When it was completed or failed.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Why it failed.</summary>
    public JobError? Error { get; init; }

    /// <summary>There once the frames are; the video's file may still be on its way.</summary>
    public JobOutcome? Outcome { get; init; }

    /// <summary>Whether nothing more will happen to it by itself.</summary>
    public bool IsOver => Status is JobStatus.Completed or JobStatus.Failed;
}
