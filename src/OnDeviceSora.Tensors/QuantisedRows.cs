using OnDeviceSora.Tensors.Cpu.Bytes;

namespace OnDeviceSora.Tensors;

/// <summary>
/// Rows of unsigned bytes in native memory, each row with a scale and a zero of its own: <c>value = (byte - zero) * scale</c>. Made by
/// operations that write them instead of floats, a quarter of the size, for a product of bytes to read.
/// </summary>
public sealed unsafe class QuantisedRows : IDisposable
{
    private readonly NativeBuffer _buffer;

    /// <summary>Allocates rows. Their values are undefined.</summary>
    /// <param name="engine">The engine in whose ledger they are entered.</param>
    /// <param name="rows">Rows, 0 or more.</param>
    /// <param name="depth">Values of a row, 0 or more.</param>
    public QuantisedRows(ComputeEngine engine, int rows, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        (Rows, Depth) = (rows, depth);
        _buffer = new NativeBuffer(engine.Memory, MemoryOwner.Activations, Bytes(rows, depth));
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Values of a row.</summary>
    public int Depth { get; }

    /// <summary>Words of four bytes that a row takes; what the last has too many is 0.</summary>
    internal int Words => (Depth + 3) / 4;

    /// <summary>Bytes that so many rows take up.</summary>
    public static long Bytes(int rows, int depth) => checked(rows * ((depth + 3L) / 4 * 4 + sizeof(float) + sizeof(int)));

    /// <summary>Quantises a row. Different rows may be set by several threads at once.</summary>
    /// <param name="row">Which, 0 or more.</param>
    /// <param name="values">As many floats as the row is deep.</param>
    internal void Set(long row, float* values) => RowQuantiser.Run(values, Depth, Row(row), out Scales[row], out Zeros[row]);

    internal byte* Row(long row) => (byte*)_buffer.Pointer + row * Words * 4;

    internal float* Scales => (float*)Row(Rows);

    internal int* Zeros => (int*)(Scales + Rows);

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _buffer.Dispose();
}
