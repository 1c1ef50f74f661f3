namespace OnDeviceSora.Hub;

/// <summary>Refuses a download that the disk cannot hold, before it begins.</summary>
internal static class DiskSpace
{
    /// <summary>Bytes that may still be written in a folder; <c>null</c> when the system does not say.</summary>
    public static long? Available(string folder)
    {
        try
        {
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Compares what is to come with what there is room for.</summary>
    /// <exception cref="OutputException">There is not enough.</exception>
    public static void Require(string folder, long bytes, long? available)
    {
        if (available is { } room && room < bytes)
            throw new OutputException(folder, $"{bytes / 1e9:0.00} GB are still to be fetched but only {room / 1e9:0.00} GB are free here; free some, or name another folder with HF_HOME or HF_HUB_CACHE");
    }
}
