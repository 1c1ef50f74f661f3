namespace OnDeviceSora.Studio.Videos;

/// <summary>A video as the Videos API shows it; every key is always there. Fields after <c>error</c> are not of the specification.</summary>
internal sealed record VideoObject
{
    public required string Id { get; init; }

    public string Object { get; } = "video";

    public required string Model { get; init; }

    public required string Status { get; init; }

    public required int Progress { get; init; }

    public required long CreatedAt { get; init; }

    public required long? CompletedAt { get; init; }

    public required long? ExpiresAt { get; init; }

    public required string Prompt { get; init; }

    public required string Seconds { get; init; }

    public required string Size { get; init; }

    public required string? RemixedFromVideoId { get; init; }

    public required VideoError? Error { get; init; }

    public required long Seed { get; init; }

    public required int NumFrames { get; init; }

    public required int Fps { get; init; }

    public required int NumInferenceSteps { get; init; }

    public required float GuidanceScale { get; init; }

    /// <summary><c>"off"</c>, <c>"auto"</c>, or the index of the step that leaps.</summary>
    public required object Leap { get; init; }

    public required int MergeSteps { get; init; }

    public required long? Memory { get; init; }

    public required int? QueuePosition { get; init; }

    public required string? Stage { get; init; }

    public required double? RemainingS { get; init; }

    public required int? ExecutedSteps { get; init; }

    public required int? LeapStep { get; init; }

    public required double? InferenceTimeS { get; init; }

    public required double? PeakMemoryMb { get; init; }

    public required string? ContentType { get; init; }

    public required IReadOnlyList<string> Adjusted { get; init; }
}

/// <summary>Why a video failed.</summary>
/// <param name="Code">A word for programs.</param>
/// <param name="Message">What happened and what to do.</param>
internal sealed record VideoError(string Code, string Message);
