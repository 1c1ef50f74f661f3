namespace OnDeviceSora.Hub;

/// <summary>
/// Keeps two downloads of one file apart, in this process, in another, or in another tool of the hub. The system releases it
/// when its process ends, however that ends.
/// </summary>
internal static class CacheLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the lock is free and takes it; disposing the result releases it.</summary>
    /// <param name="path">The lock's file; it stays behind, empty.</param>
    /// <param name="waiting">Told once when someone else holds the lock.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    public static async Task<IDisposable> TakeAsync(string path, Action waiting, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var waits = 0; ; waits++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeld(e))
            {
                if (waits == 0) waiting();
                await Task.Delay(Poll, cancellation).ConfigureAwait(false);
            }
        }
    }

    // EWOULDBLOCK of Linux and macOS; sharing and lock violation of Windows.
    private static bool IsHeld(IOException error) =>
        OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) is 32 or 33 : error.HResult is 11 or 35;
}
