using System.Runtime.InteropServices;

namespace OnDeviceSora.Tensors;

/// <summary>Where native blocks come from. Tests put their own in its place, one that fences every block with guard pages.</summary>
internal unsafe partial class NativeAllocator
{
    private const nuint CacheLine = 64;
    private const nuint HugePage = 2 << 20;

    /// <summary>The allocator of the C library: blocks aligned to a cache line, large ones to huge pages.</summary>
    public static NativeAllocator Aligned { get; } = new();

    /// <summary>A block of at least <paramref name="bytes"/> bytes; a size of 0 still gets an address of its own.</summary>
    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public virtual void* Allocate(long bytes)
    {
        if (!OperatingSystem.IsLinux() || (nuint)bytes < 2 * HugePage) return NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), CacheLine);
        var block = NativeMemory.AlignedAlloc((nuint)bytes, HugePage);
        // Panels are read in strides of many small pages; the kernel may or may not take the advice.
        _ = Advise(block, (nuint)bytes / HugePage * HugePage, UseHugePages);
        return block;
    }

    /// <summary>Takes back a block of that many bytes.</summary>
    public virtual void Free(void* block, long bytes) => NativeMemory.AlignedFree(block);

    private const int UseHugePages = 14;

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
