namespace OnDeviceSora.Tensors;

/// <summary>
/// A few freed blocks, kept for the next of the same size: a model asks for the same sizes again and again, and pages that are
/// new each time cost more than some operations. Safe for use from several threads.
/// </summary>
internal sealed unsafe class FreedBlocks
{
    /// <summary>Most bytes that are kept.</summary>
    public const long Capacity = 32 << 20;

    private readonly Lock _gate = new();
    private readonly List<(nint Block, long Bytes)> _oldestFirst = [];
    private long _bytes;

    /// <summary>Bytes that are kept now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>A block of exactly that size, or null.</summary>
    public void* Take(long bytes)
    {
        lock (_gate)
        {
            var index = _oldestFirst.FindLastIndex(kept => kept.Bytes == bytes);
            return index < 0 ? null : (void*)Remove(index).Block;
        }
    }

    /// <summary>Keeps a block, and lets the oldest go for it where there is no more room.</summary>
    public void Keep(void* block, long bytes)
    {
        lock (_gate)
        {
            _oldestFirst.Add(((nint)block, bytes));
            _bytes += bytes;
            Shrink(Capacity);
        }
    }

    /// <summary>Gives every block back to the system.</summary>
    public void Trim()
    {
        lock (_gate) Shrink(0);
    }

    private void Shrink(long capacity)
    {
        while (_bytes > capacity)
        {
            var (block, bytes) = Remove(0);
            MappedMemory.Unmap((void*)block, bytes);
        }
    }

    private (nint Block, long Bytes) Remove(int index)
    {
        var kept = _oldestFirst[index];
        _oldestFirst.RemoveAt(index);
        _bytes -= kept.Bytes;
        return kept;
    }
}
