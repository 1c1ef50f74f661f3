namespace OnDeviceSora.Tensors;

/// <summary>
/// Freed memory that is kept for the next blocks: pages that are new each time cost more than some operations. Neighbours grow
/// together, so that a block may take the place of two, or part of a larger one's. Safe for use from several threads.
/// </summary>
internal sealed unsafe class FreedBlocks
{
    private readonly Lock _gate = new();
    private readonly List<(nint Start, long Bytes)> _oldestFirst = [];
    private long _bytes;

    /// <summary>Bytes that are kept now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>A block from the smallest range that has room for it, or null.</summary>
    /// <param name="bytes">Whole pages.</param>
    public void* Take(long bytes)
    {
        lock (_gate)
        {
            var index = SmallestOf(bytes);
            if (index < 0) return null;
            var (start, length) = _oldestFirst[index];
            if (length == bytes) _oldestFirst.RemoveAt(index);
            else _oldestFirst[index] = (start + (nint)bytes, length - bytes);
            _bytes -= bytes;
            return (void*)start;
        }
    }

    /// <summary>Keeps a block of whole pages.</summary>
    public void Keep(void* block, long bytes)
    {
        lock (_gate)
        {
            var (start, end) = ((nint)block, (nint)block + (nint)bytes);
            for (var i = _oldestFirst.Count - 1; i >= 0; i--)
            {
                var (first, last) = (_oldestFirst[i].Start, _oldestFirst[i].Start + (nint)_oldestFirst[i].Bytes);
                if (last != start && first != end) continue;
                (start, end) = (Math.Min(start, first), Math.Max(end, last));
                _oldestFirst.RemoveAt(i);
            }
            _oldestFirst.Add((start, end - start));
            _bytes += bytes;
        }
    }

    /// <summary>Gives memory back to the system, the oldest first, until no more than that is kept.</summary>
    public void Shrink(long most)
    {
        if (Bytes <= most) return;
        lock (_gate)
        {
            while (_bytes > most)
            {
                var (start, length) = _oldestFirst[0];
                var excess = Math.Min(length, MappedMemory.WholePages(_bytes - most));
                if (excess == length) _oldestFirst.RemoveAt(0);
                else _oldestFirst[0] = (start, length - excess);
                _bytes -= excess;
                MappedMemory.Unmap((void*)(start + (nint)(length - excess)), excess);
            }
        }
    }

    private int SmallestOf(long bytes)
    {
        var best = -1;
        for (var i = 0; i < _oldestFirst.Count; i++)
        {
            if (_oldestFirst[i].Bytes >= bytes && (best < 0 || _oldestFirst[i].Bytes < _oldestFirst[best].Bytes)) best = i;
        }
        return best;
    }
}
