namespace OnDeviceSora;

/// <summary>Turns what the operating system says about a failed write into a sentence.</summary>
internal static class OutputErrors
{
    private const int NoSpaceUnix = 28, QuotaUnix = 122, FileTooLargeUnix = 27, DiskFullWindows = 0x70, HandleDiskFullWindows = 0x27;

    /// <summary>True for the errors that <see cref="Describe"/> explains.</summary>
    public static bool IsFileError(Exception error) => error is IOException or UnauthorizedAccessException or NotSupportedException;

    /// <summary>The error to raise when writing <paramref name="path"/> failed with <paramref name="error"/>.</summary>
    public static OutputException Describe(string path, Exception error) => new(path, Explain(error), error);

    private static string Explain(Exception error) => error switch
    {
        UnauthorizedAccessException => "there is no permission to write here; choose another folder",
        DirectoryNotFoundException => "its folder does not exist; create it or choose another",
        PathTooLongException => "the name is too long for this file system; choose a shorter one",
        IOException when IsDiskFull(error) => "there is no space left on the disk; free some and try again",
        _ => $"it could not be written ({error.Message})",
    };

    /// <summary>Whether the disk, a quota or a limit on the size of files is what stopped a write.</summary>
    public static bool IsDiskFull(Exception error) =>
        (error.HResult & 0xFFFF) is DiskFullWindows or HandleDiskFullWindows
        || (!OperatingSystem.IsWindows() && error.HResult is NoSpaceUnix or QuotaUnix or FileTooLargeUnix);
}
