namespace OnDeviceSora.Tensors;

/// <summary>
/// A dense, row-major array of 32-bit floats in native memory. Created by <see cref="ComputeEngine.Allocate"/>; freed by
/// <see cref="Dispose"/>. A view (<see cref="Reshape"/>, <see cref="Slice"/>) shares the memory and must not outlive it: using
/// either after the memory is freed throws <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed unsafe class Tensor : IDisposable
{
    private readonly NativeBuffer _buffer;
    private readonly long _offset;
    private readonly bool _isView;

    internal Tensor(NativeBuffer buffer, Shape shape) : this(buffer, 0, shape, isView: false) { }

    internal Tensor(NativeBuffer buffer, long offset, Shape shape, bool isView)
    {
        _buffer = buffer;
        _offset = offset;
        _isView = isView;
        Shape = shape;
    }

    /// <summary>The extents.</summary>
    public Shape Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Length => Shape.Length;

    /// <summary>The elements. A tensor of more than 2^31 - 1 elements has no span; take slices.</summary>
    public Span<float> Span => new(Pointer, checked((int)Length));

    /// <summary>Address of the first element.</summary>
    public float* Pointer => (float*)_buffer.Pointer + _offset;

    /// <summary>The same elements under another shape of the same length.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        if (shape.Length != Length) throw new ArgumentException($"{Shape} has {Length} elements, {shape} has {shape.Length}.", nameof(extents));
        return new Tensor(_buffer, _offset, shape, isView: true);
    }

    /// <summary>Entries <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> - 1 of the first axis.</summary>
    public Tensor Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)start + count, Shape[0], nameof(count));
        Span<int> extents = stackalloc int[Shape.Rank];
        Shape.Extents.CopyTo(extents);
        extents[0] = count;
        var stride = Shape[0] == 0 ? 0 : Length / Shape[0];
        return new Tensor(_buffer, _offset + start * stride, new Shape(extents), isView: true);
    }

    /// <summary>Copies all elements from another tensor of the same length.</summary>
    public void CopyFrom(Tensor source)
    {
        if (source.Length != Length) throw new ArgumentException($"Cannot copy {source.Shape} to {Shape}.", nameof(source));
        Buffer.MemoryCopy(source.Pointer, Pointer, Length * sizeof(float), Length * sizeof(float));
        GC.KeepAlive(source);
        GC.KeepAlive(this);
    }

    /// <summary>Frees the memory, unless this is a view.</summary>
    public void Dispose()
    {
        if (!_isView) _buffer.Dispose();
    }
}
