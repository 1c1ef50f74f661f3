using OnDeviceSora.Tensors;

namespace OnDeviceSora.Streaming;

/// <summary>The buffers that blocks which do not stay are loaded into: one, or two for double buffering, allocated once.</summary>
/// <param name="engine">Whose memory they are.</param>
/// <param name="count">Buffers, 1 or 2.</param>
/// <param name="bytes">Size of each: the largest block's.</param>
internal sealed class ArenaSlots(ComputeEngine engine, int count, long bytes) : IDisposable
{
    private readonly Stack<WeightArena> _free = [];
    private int _allocated;

    /// <summary>Bytes still to be allocated before <paramref name="blocks"/> blocks can take turns, if so many buffers are given away first.</summary>
    public long MissingBytesFor(int blocks, int given = 0) => Math.Max(0, Math.Min(count, blocks) - (_allocated - given)) * bytes;

    /// <summary>An empty buffer, or <c>null</c> while all are in use.</summary>
    public WeightArena? TryTake()
    {
        if (_free.TryPop(out var arena)) return arena;
        if (_allocated == count) return null;
        arena = new WeightArena(engine, bytes);
        _allocated++;
        return arena;
    }

    /// <summary>Takes a buffer back; what lies in it is gone.</summary>
    public void Return(WeightArena arena)
    {
        arena.Reset();
        _free.Push(arena);
    }

    /// <summary>A buffer in use is kept by its block and no longer one of these.</summary>
    public void GiveAway() => _allocated--;

    /// <summary>Frees the buffers that are not in use.</summary>
    public void Dispose()
    {
        if (_free.Count == 0) return;
        _allocated -= _free.Count;
        while (_free.TryPop(out var arena)) arena.Dispose();
        // Nothing else has their size.
        engine.Memory.Trim();
    }
}
