using System.Runtime.InteropServices;

namespace OnDeviceSora.Tensors;

/// <summary>
/// Blocks that come straight from the system (<c>mmap</c>) and go straight back, so that resident memory falls when one is
/// let go.
/// </summary>
internal static unsafe partial class MappedMemory
{
    private const long HugePage = 2 << 20;
    private const int ReadWrite = 3;
    private const int UseHugePages = 14;
    private static readonly bool IsLinux = OperatingSystem.IsLinux() || OperatingSystem.IsAndroid();
    private static readonly bool IsApple = OperatingSystem.IsMacOS() || OperatingSystem.IsIOS();
    private static readonly int PrivateAnonymous = IsApple ? 0x1002 : 0x22;

    /// <summary>The calls and constants are those of Linux and of Apple's systems.</summary>
    public static bool IsSupported => IsLinux || IsApple;

    /// <summary>A block of zeros; one of two huge pages or more begins at a huge page.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses it.</exception>
    public static void* Map(long bytes)
    {
        if (!IsLinux || bytes < 2 * HugePage) return (void*)MapPages(WholePages(bytes));
        // More than is needed, so that a huge page begins in it; what lies before and behind goes back at once.
        var length = WholePages(bytes);
        var start = MapPages(checked(length + HugePage));
        var block = (start + (nint)HugePage - 1) / (nint)HugePage * (nint)HugePage;
        UnmapPages(start, block - start);
        UnmapPages(block + (nint)length, start + (nint)HugePage - block);
        // Panels are read in strides of many small pages; the kernel may or may not take the advice.
        _ = Advise(block, (nuint)(length / HugePage * HugePage), UseHugePages);
        return (void*)block;
    }

    /// <summary>Gives back a block, or whole pages of one.</summary>
    public static void Unmap(void* block, long bytes) => UnmapPages((nint)block, WholePages(bytes));

    /// <summary>Bytes rounded up to whole pages.</summary>
    public static long WholePages(long bytes) => checked(bytes + Environment.SystemPageSize - 1) / Environment.SystemPageSize * Environment.SystemPageSize;

    private static nint MapPages(long length)
    {
        var start = Map(0, checked((nuint)length), ReadWrite, PrivateAnonymous, -1, 0);
        return start == -1 ? throw new InsufficientMemoryException($"The system has no {length} bytes of memory to give.") : start;
    }

    private static void UnmapPages(nint start, long length)
    {
        // Of a whole mapping or its ends this cannot fail.
        if (length > 0) _ = Unmap(start, (nuint)length);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
