using System.Runtime.InteropServices;

namespace OnDeviceSora.Tensors;

/// <summary>Where native blocks come from. Tests put their own in its place, one that fences every block with guard pages.</summary>
internal unsafe class NativeAllocator
{
    private const nuint Alignment = 64;

    /// <summary>The allocator of the C library, blocks aligned to a cache line.</summary>
    public static NativeAllocator Aligned { get; } = new();

    /// <summary>A block of at least <paramref name="bytes"/> bytes; a size of 0 still gets an address of its own.</summary>
    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public virtual void* Allocate(long bytes) => NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment);

    /// <summary>Takes back a block of that many bytes.</summary>
    public virtual void Free(void* block, long bytes) => NativeMemory.AlignedFree(block);
}
