namespace OnDeviceSora.Tensors;

/// <summary>
/// One block of native memory from which the weights of a model's block are taken piece by piece, and which is then used again
/// for the next. What is taken from it are views: disposing them does nothing, and using them after the arena is disposed
/// throws <see cref="ObjectDisposedException"/>. One thread at a time takes and resets.
/// </summary>
public sealed class WeightArena : IDisposable
{
    private const long Alignment = 64;

    private readonly NativeBuffer _buffer;

    /// <summary>Allocates the block.</summary>
    /// <param name="engine">The engine in whose ledger it is entered, under <see cref="MemoryOwner.Weights"/>.</param>
    /// <param name="bytes">Capacity, 0 or more: the sum of <see cref="PieceBytes"/> of all pieces.</param>
    public WeightArena(ComputeEngine engine, long bytes) => _buffer = new NativeBuffer(engine.Memory, MemoryOwner.Weights, bytes);

    /// <summary>Bytes there are.</summary>
    public long CapacityBytes => _buffer.Bytes;

    /// <summary>Bytes taken since creation or <see cref="Reset"/>.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>What a piece of that many bytes takes up: pieces are aligned to 64 bytes.</summary>
    public static long PieceBytes(long bytes) => checked(bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Takes a tensor. Its elements are undefined.</summary>
    /// <exception cref="InvalidOperationException">The arena has too little left.</exception>
    public Tensor Take(params ReadOnlySpan<int> shape)
    {
        var extents = new Shape(shape);
        var (buffer, offset) = TakeBytes(checked(extents.Length * sizeof(float)));
        return new Tensor(buffer, offset / sizeof(float), extents, isView: true);
    }

    /// <summary>Makes the whole capacity free again. What was taken before must not be used any more: its memory is given out anew.</summary>
    public void Reset() => UsedBytes = 0;

    /// <summary>Frees the block.</summary>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Takes bytes, aligned.</summary>
    internal unsafe (NativeBuffer Buffer, long Offset) TakeBytes(long bytes)
    {
        _ = _buffer.Pointer;
        var (offset, size) = (UsedBytes, PieceBytes(bytes));
        if (size > CapacityBytes - offset) throw new InvalidOperationException($"A piece of {size} bytes does not fit an arena of {CapacityBytes} bytes of which {offset} are taken.");
        UsedBytes = offset + size;
        return (_buffer, offset);
    }
}
