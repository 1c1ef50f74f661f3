namespace OnDeviceSora.Checkpoints;

/// <summary>How far the writing or checking of a package has come.</summary>
/// <param name="File">The file at work.</param>
/// <param name="Item">The block or tensor at work.</param>
/// <param name="CompletedBytes">Bytes written or checked, of all files.</param>
/// <param name="TotalBytes">Bytes of all files.</param>
/// <param name="Elapsed">Time since the beginning.</param>
public sealed record PackageProgress(string File, string Item, long CompletedBytes, long TotalBytes, TimeSpan Elapsed)
{
    /// <summary>The time left at the speed so far; <c>null</c> in the first moments.</summary>
    public TimeSpan? Remaining => CompletedBytes > 0 && Elapsed > TimeSpan.FromMilliseconds(200)
        ? Elapsed * ((double)(TotalBytes - CompletedBytes) / CompletedBytes)
        : null;
}
