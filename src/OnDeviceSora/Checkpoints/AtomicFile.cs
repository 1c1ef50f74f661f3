namespace OnDeviceSora.Checkpoints;

/// <summary>
/// Writes a file beside its final name and renames it when it is complete, so that no one ever sees half a file under the
/// final name. Whatever goes wrong, the unfinished file is removed.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">The final name; an existing file is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="survivesPowerLoss">Whether to wait until the disk has it. Without, it survives the end of the process, however it ends, but not that of the machine.</param>
    /// <exception cref="OutputException">The folder is missing or not writable, or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write, bool survivesPowerLoss = true)
    {
        ArgumentNullException.ThrowIfNull(write);
        string? partial = null;
        try
        {
            var full = Path.GetFullPath(path);
            partial = $"{full}.{Guid.NewGuid():N}.partial";
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(survivesPowerLoss);
            }

            File.Move(partial, full, overwrite: true);
            partial = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new OutputException(path, $"cannot be written: {e.Message}", e);
        }
        finally
        {
            Remove(partial);
        }
    }

    private static void Remove(string? partial)
    {
        if (partial is null) return;
        try
        {
            File.Delete(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here matters more than a file that cannot be removed.
        }
    }
}
