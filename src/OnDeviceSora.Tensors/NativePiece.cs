namespace OnDeviceSora.Tensors;

/// <summary>Native memory for weights: a block of its own, or a piece of an arena, which then frees it.</summary>
internal readonly unsafe struct NativePiece : IDisposable
{
    private readonly NativeBuffer _buffer;
    private readonly long _offset;
    private readonly bool _isView;

    private NativePiece(NativeBuffer buffer, long offset, bool isView) => (_buffer, _offset, _isView) = (buffer, offset, isView);

    /// <summary>The first byte, aligned to 64.</summary>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public byte* Pointer => (byte*)_buffer.Pointer + _offset;

    public static NativePiece Take(ComputeEngine engine, WeightArena? arena, long bytes)
    {
        if (arena is null) return new NativePiece(new NativeBuffer(engine.Memory, MemoryOwner.Weights, bytes), 0, isView: false);
        var (buffer, offset) = arena.TakeBytes(bytes);
        return new NativePiece(buffer, offset, isView: true);
    }

    public void Dispose()
    {
        if (!_isView) _buffer.Dispose();
    }
}
