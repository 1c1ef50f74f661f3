using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>
/// The right-hand side of a product, rearranged once into panels that the micro-kernel reads in order:
/// <c>[panel][depth][tile columns]</c>, the last panel padded with zeros. Weights stay in the precision they are stored in; the
/// product widens a slice of a panel right before it uses it.
/// </summary>
public sealed unsafe class PackedMatrix : IDisposable
{
    private readonly NativePiece _memory;
    private readonly int _elementBytes;
    private readonly long _scalesStart;

    private PackedMatrix(NativePiece memory, DataType type, int columns, int depth, int tileColumns)
    {
        _memory = memory;
        _elementBytes = WeightWidening.ElementBytes(type);
        Type = type;
        Columns = columns;
        Depth = depth;
        TileColumns = tileColumns;
        _scalesStart = PanelBytes(type, columns, depth, tileColumns);
    }

    /// <summary>How the weights are stored.</summary>
    public DataType Type { get; }

    /// <summary>Columns of the product: output features.</summary>
    public int Columns { get; }

    /// <summary>Products in each sum: input features.</summary>
    public int Depth { get; }

    /// <summary>Width of a panel; that of the engine it was packed for.</summary>
    internal int TileColumns { get; }

    internal int Panels => PanelCount(Columns, TileColumns);

    /// <summary>Bytes that a matrix takes up, in memory of its own or of an arena.</summary>
    /// <param name="engine">The engine that will compute with it.</param>
    /// <param name="type">How the weights are stored.</param>
    /// <param name="columns">Output features, 0 or more.</param>
    /// <param name="depth">Input features, 0 or more.</param>
    public static long Bytes(ComputeEngine engine, DataType type, int columns, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        var tileColumns = engine.Kernel.Columns;
        var scales = type == DataType.I8 ? (long)PanelCount(columns, tileColumns) * tileColumns * sizeof(float) : 0;
        return WeightArena.PieceBytes(PanelBytes(type, columns, depth, tileColumns) + scales);
    }

    /// <summary>A matrix whose weights are undefined until <see cref="FillRows"/>, and <see cref="FillScales"/> for 8-bit integers, have set them all.</summary>
    /// <param name="engine">The engine that will compute with it.</param>
    /// <param name="type">How the weights are stored.</param>
    /// <param name="columns">Output features, 0 or more.</param>
    /// <param name="depth">Input features, 0 or more.</param>
    /// <param name="arena">Where to take the memory from; default: a block of its own.</param>
    /// <exception cref="InvalidOperationException">The arena has too little left.</exception>
    public static PackedMatrix Allocate(ComputeEngine engine, DataType type, int columns, int depth, WeightArena? arena = null)
    {
        var memory = NativePiece.Take(engine, arena, Bytes(engine, type, columns, depth));
        return new PackedMatrix(memory, type, columns, depth, engine.Kernel.Columns);
    }

    /// <summary>Packs a weight matrix as checkpoints store it.</summary>
    /// <param name="engine">The engine that will compute with it.</param>
    /// <param name="weights">Row-major <c>[columns, depth]</c>, that is <c>[out, in]</c>.</param>
    /// <param name="columns">Output features, 0 or more.</param>
    /// <param name="depth">Input features, 0 or more.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="weights"/> is not columns x depth.</exception>
    public static PackedMatrix Pack(ComputeEngine engine, ReadOnlySpan<float> weights, int columns, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        if (weights.Length != (long)columns * depth) throw new ArgumentException($"{weights.Length} weights for {columns} x {depth}.", nameof(weights));
        var packed = Allocate(engine, DataType.F32, columns, depth);
        fixed (float* source = weights)
        {
            var from = source;
            engine.Team.For(packed.Panels, (panel, _) =>
            {
                var first = panel * packed.TileColumns;
                packed.FillPanel(first, Math.Min(packed.TileColumns, columns - first), (byte*)(from + (long)first * depth));
            });
        }
        return packed;
    }

    /// <summary>
    /// Sets some output features. Runs on the calling thread; several threads may fill different rows at once. Fastest with whole
    /// panels, that is a multiple of 32 rows from a multiple of 32 on.
    /// </summary>
    /// <param name="firstRow">The first output feature.</param>
    /// <param name="rows">Whole rows <c>[n, depth]</c> as stored in the matrix's precision, little-endian.</param>
    /// <exception cref="ArgumentException">The bytes are no whole rows, or reach beyond the last.</exception>
    public void FillRows(int firstRow, ReadOnlySpan<byte> rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        var rowBytes = (long)Depth * _elementBytes;
        var count = rowBytes == 0 ? 0 : rows.Length / rowBytes;
        if (count * rowBytes != rows.Length || firstRow + count > Columns)
        {
            throw new ArgumentException($"{rows.Length} bytes from row {firstRow} on are no whole rows of {Columns} x {Depth} {Type}.", nameof(rows));
        }
        fixed (byte* source = rows)
        {
            var from = source;
            var end = firstRow + (int)count;
            for (int row = firstRow, rowsHere; row < end; row += rowsHere, from += rowsHere * rowBytes)
            {
                rowsHere = Math.Min(end - row, TileColumns - row % TileColumns);
                FillPanel(row, rowsHere, from);
            }
        }
        GC.KeepAlive(this);
    }

    /// <summary>Sets the scales of all output features.</summary>
    /// <param name="scales">One for each output feature.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    /// <exception cref="InvalidOperationException">The weights are not 8-bit integers.</exception>
    public void FillScales(ReadOnlySpan<float> scales)
    {
        if (Type != DataType.I8) throw new InvalidOperationException($"{Type} weights have no scales.");
        if (scales.Length != Columns) throw new ArgumentException($"{scales.Length} scales for {Columns} columns.", nameof(scales));
        var target = new Span<float>(Scales(0), Panels * TileColumns);
        scales.CopyTo(target);
        target[Columns..].Clear();
        GC.KeepAlive(this);
    }

    /// <summary>Frees the weights, unless they are an arena's.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>The panel that starts at column <c>panel * TileColumns</c>, from a given depth on, as stored.</summary>
    internal byte* Panel(int panel, int depthStart) =>
        _memory.Pointer + ((long)panel * Depth + depthStart) * TileColumns * _elementBytes;

    /// <summary>The scales of a panel's columns, with zeros for those that only fill up the panel; 8-bit integers alone have them.</summary>
    internal float* Scales(int panel) => (float*)(_memory.Pointer + _scalesStart) + (long)panel * TileColumns;

    private static int PanelCount(int columns, int tileColumns) => (int)(((long)columns + tileColumns - 1) / tileColumns);

    private static long PanelBytes(DataType type, int columns, int depth, int tileColumns) =>
        WeightArena.PieceBytes(checked((long)PanelCount(columns, tileColumns) * tileColumns * depth * WeightWidening.ElementBytes(type)));

    /// <summary>Sets some columns of one panel, and after the last column what fills up the panel.</summary>
    private void FillPanel(int firstColumn, int count, byte* rows)
    {
        var (panel, within) = Math.DivRem(firstColumn, TileColumns);
        var columns = Panel(panel, 0) + (long)within * _elementBytes;
        PanelFill.Run(_elementBytes, rows, count, Depth, columns, TileColumns);
        if (firstColumn + count == Columns) ClearPadding(columns + (long)count * _elementBytes, TileColumns - within - count);
    }

    private void ClearPadding(byte* start, int columns)
    {
        if (columns == 0) return;
        for (var k = 0; k < Depth; k++, start += TileColumns * _elementBytes) new Span<byte>(start, columns * _elementBytes).Clear();
    }
}
