using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnDeviceSora.Checkpoints;

/// <summary>
/// A file read past the operating system's page cache, so that weights which pass through memory do not fill it. Where the
/// file system cannot do that, which some say when the file is opened and some when it is read, pages are given back right after
/// they were read (Linux) or stay in the cache (elsewhere).
/// </summary>
internal sealed partial class DirectFile : IDisposable
{
    /// <summary>Offsets, lengths and addresses of reads must be multiples of this.</summary>
    public const int Alignment = 4096;

    private const FileOptions NoBuffering = (FileOptions)0x20000000;

    private readonly SafeFileHandle _handle;
    private volatile bool _bypasses;

    private DirectFile(SafeFileHandle handle, bool bypasses) => (_handle, _bypasses) = (handle, bypasses);

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidFileException">It cannot be opened.</exception>
    public static DirectFile Open(string path) =>
        OpenPastCache(path) is { } direct ? new DirectFile(direct, bypasses: true) : new DirectFile(CheckpointFile.OpenForReading(path), bypasses: false);

    /// <summary>Reads until the destination is full or the file ends.</summary>
    /// <param name="destination">An aligned address, an aligned length.</param>
    /// <param name="offset">An aligned position in the file.</param>
    /// <returns>Bytes read.</returns>
    /// <exception cref="IOException">The storage failed.</exception>
    public int Read(Span<byte> destination, long offset)
    {
        var read = ReadPastCache(destination, offset) ?? CheckpointFile.Read(_handle, destination, offset);
        if (!_bypasses) GiveBack(offset, read);
        return read;
    }

    /// <summary><c>null</c> when the file has to be read through the cache, from now on.</summary>
    private int? ReadPastCache(Span<byte> destination, long offset)
    {
        if (!_bypasses) return null;
        try
        {
            return CheckpointFile.Read(_handle, destination, offset);
        }
        catch (IOException) when (OperatingSystem.IsLinux() && SetFlags(_handle, SetStatusFlags, 0) == 0)
        {
            // The same open file, so that no other can have taken its place. A storage that is broken says so again.
            _bypasses = false;
            return null;
        }
    }

    /// <summary>Whether this is, by length and time of writing, the file of another handle: a name may have come to mean another file.</summary>
    public bool IsLike(SafeFileHandle other) =>
        RandomAccess.GetLength(_handle) == RandomAccess.GetLength(other) && File.GetLastWriteTimeUtc(_handle) == File.GetLastWriteTimeUtc(other);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private static SafeFileHandle? OpenPastCache(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, NoBuffering);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return null;
            }
        }
        if (!OperatingSystem.IsLinux()) return null;
        var descriptor = OpenDescriptor(path, CloseOnExec | Direct);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private void GiveBack(long offset, int bytes)
    {
        if (OperatingSystem.IsLinux()) _ = Advise((int)_handle.DangerousGetHandle(), offset, bytes, NotNeeded);
    }

    private const int CloseOnExec = 0x80000;
    private const int NotNeeded = 4;
    private const int SetStatusFlags = 4;

    /// <summary>O_DIRECT, which ARM numbers differently.</summary>
    private static int Direct => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetFlags(SafeFileHandle descriptor, int command, int flags);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int descriptor, long offset, long length, int advice);
}
