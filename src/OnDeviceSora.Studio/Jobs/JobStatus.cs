namespace OnDeviceSora.Studio.Jobs;

/// <summary>Where a video stands; the words of the Videos API.</summary>
internal enum JobStatus
{
    /// <summary>It waits.</summary>
    Queued,

    /// <summary>It is being generated, or was when the server ended.</summary>
    InProgress,

    /// <summary>Its file is there.</summary>
    Completed,

    /// <summary>It ended without a file; <see cref="JobError"/> says why.</summary>
    Failed,
}
