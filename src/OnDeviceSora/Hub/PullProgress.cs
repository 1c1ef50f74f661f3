namespace OnDeviceSora.Hub;

/// <summary>What a download is doing.</summary>
public enum PullActivity
{
    /// <summary>Bytes arrive.</summary>
    Fetching,
    /// <summary>A complete file's hash is computed.</summary>
    Checking,
}

/// <summary>How far a download is. Counts go back when a file must be begun anew.</summary>
/// <param name="Activity">What is done now.</param>
/// <param name="Repository">The repository.</param>
/// <param name="File">The file in it.</param>
/// <param name="FileCompleted">Bytes of the file that are there, or are checked.</param>
/// <param name="FileTotal">The file's bytes.</param>
/// <param name="Completed">Bytes of all files that are there, those of earlier runs included.</param>
/// <param name="Total">Bytes of all files.</param>
/// <param name="BytesPerSecond">What arrived lately; 0 when nothing did.</param>
/// <param name="Remaining">Time left at this rate; <c>null</c> when it cannot be said.</param>
/// <param name="Elapsed">Time since the download began.</param>
public sealed record PullProgress(
    PullActivity Activity, string Repository, string File, long FileCompleted, long FileTotal,
    long Completed, long Total, double BytesPerSecond, TimeSpan? Remaining, TimeSpan Elapsed);
