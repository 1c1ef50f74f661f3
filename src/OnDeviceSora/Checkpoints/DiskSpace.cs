using System.Globalization;

namespace OnDeviceSora.Checkpoints;

/// <summary>Asks for room on a disk before something large is written.</summary>
internal static class DiskSpace
{
    /// <summary>Bytes that may still be written in a folder; <c>null</c> when the system does not say.</summary>
    public static long? Available(string folder)
    {
        try
        {
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(Path.GetFullPath(folder))! : folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // Writing will tell.
        }
    }

    /// <summary>Refuses to begin when the disk has too little room.</summary>
    /// <param name="folder">An existing folder on the disk.</param>
    /// <param name="bytes">What is to be written.</param>
    /// <param name="advice">What to do then.</param>
    /// <param name="available">Tells the free bytes of a folder's disk; <c>null</c> for <see cref="Available"/>.</param>
    /// <exception cref="OutputException">There is too little room.</exception>
    public static void Require(string folder, long bytes, string advice, Func<string, long?>? available = null)
    {
        if ((available ?? Available)(folder) is not { } free || free >= bytes) return;
        var (unit, size) = bytes < 1_000_000_000 ? ("MB", 1e6) : ("GB", 1e9);
        throw new OutputException(folder, string.Create(CultureInfo.InvariantCulture,
            $"{bytes / size:0.00} {unit} are needed and {free / size:0.00} {unit} are free; {advice}"));
    }
}
