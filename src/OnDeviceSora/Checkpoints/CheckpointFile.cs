using Microsoft.Win32.SafeHandles;

namespace OnDeviceSora.Checkpoints;

/// <summary>Opens files that others made, with the library's own errors.</summary>
internal static class CheckpointFile
{
    /// <summary>Opens a file for positioned reading.</summary>
    /// <exception cref="InvalidFileException">It does not exist, is a folder, or may not be read.</exception>
    public static SafeFileHandle OpenForReading(string path)
    {
        if (Directory.Exists(path)) throw new InvalidFileException(path, "this is a folder; a file is needed");
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidFileException(path, "the file does not exist", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InvalidFileException(path, $"cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Reads until the destination is full or the file ends; returns the bytes read.</summary>
    public static int Read(SafeFileHandle handle, Span<byte> destination, long offset)
    {
        var done = 0;
        while (done < destination.Length)
        {
            var read = RandomAccess.Read(handle, destination[done..], offset + done);
            if (read == 0) break;
            done += read;
        }

        return done;
    }

    /// <summary>Reads a whole small file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximumBytes">The largest size that is accepted.</param>
    /// <exception cref="InvalidFileException">It is missing, unreadable or too large.</exception>
    public static byte[] ReadAll(string path, long maximumBytes)
    {
        using var handle = OpenForReading(path);
        try
        {
            var length = RandomAccess.GetLength(handle);
            if (length > maximumBytes)
                throw new InvalidFileException(path, $"the file has {length} bytes; at most {maximumBytes} are accepted");
            var bytes = new byte[length];
            var read = Read(handle, bytes, 0);
            return read == bytes.Length ? bytes : bytes[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidFileException(path, $"cannot be read: {e.Message}", e);
        }
    }
}
