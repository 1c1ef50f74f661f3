using System.Runtime.InteropServices;

namespace OnDeviceSora.Tensors;

/// <summary>Where native blocks come from. Tests put their own in its place, one that fences every block with guard pages.</summary>
internal unsafe class NativeAllocator
{
    private const long CacheLine = 64;

    /// <summary>From here on blocks come from the system and return to it; the C library keeps what is freed, for itself.</summary>
    private const long SmallestMapped = 1 << 20;

    private readonly FreedBlocks _freed = new();

    /// <summary>Blocks aligned to a cache line, large ones to huge pages.</summary>
    public static NativeAllocator Aligned { get; } = new();

    /// <summary>Bytes of freed blocks that are kept for the next allocation.</summary>
    public long KeptBytes => _freed.Bytes;

    /// <summary>A block of at least <paramref name="bytes"/> bytes; a size of 0 still gets an address of its own.</summary>
    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public virtual void* Allocate(long bytes)
    {
        if (!IsMapped(bytes)) return NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), (nuint)CacheLine);
        var block = _freed.Take(MappedMemory.WholePages(bytes));
        return block is null ? MappedMemory.Map(bytes) : block;
    }

    /// <summary>Takes back a block of that many bytes, and keeps it until <see cref="KeepAtMost"/>.</summary>
    public virtual void Free(void* block, long bytes)
    {
        if (IsMapped(bytes)) _freed.Keep(block, MappedMemory.WholePages(bytes));
        else NativeMemory.AlignedFree(block);
    }

    /// <summary>Gives back to the system what is kept beyond so many bytes.</summary>
    public void KeepAtMost(long bytes) => _freed.Shrink(bytes);

    private static bool IsMapped(long bytes) => bytes >= SmallestMapped && MappedMemory.IsSupported;
}
