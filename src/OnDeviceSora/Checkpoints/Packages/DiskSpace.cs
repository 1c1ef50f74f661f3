using System.Globalization;

namespace OnDeviceSora.Checkpoints;

/// <summary>Asks for room on a disk before something large is written.</summary>
internal static class DiskSpace
{
    /// <summary>Refuses to begin when the disk has too little room.</summary>
    /// <param name="folder">An existing folder on the disk.</param>
    /// <param name="bytes">What is to be written.</param>
    /// <param name="available">Tells the free bytes of a folder's disk, for tests.</param>
    /// <exception cref="OutputException">There is too little room.</exception>
    public static void Require(string folder, long bytes, Func<string, long>? available = null)
    {
        long free;
        try
        {
            free = (available ?? Available)(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return; // A file system that does not tell: writing will.
        }

        if (free >= bytes) return;
        throw new OutputException(folder, string.Create(CultureInfo.InvariantCulture,
            $"{bytes / 1e9:0.00} GB are needed and {free / 1e9:0.00} GB are free; make room or name a folder on another disk"));
    }

    private static long Available(string folder) => new DriveInfo(folder).AvailableFreeSpace;
}
