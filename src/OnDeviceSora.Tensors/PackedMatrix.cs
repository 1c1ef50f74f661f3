using System.Buffers;
using OnDeviceSora.Tensors.Cpu;
using OnDeviceSora.Tensors.Cpu.Bytes;

namespace OnDeviceSora.Tensors;

/// <summary>
/// The right-hand side of a product, rearranged once into panels that the micro-kernel reads in order:
/// <c>[panel][word][tile columns]</c>, the last panel padded with zeros. Weights stay in the precision they are stored in; a word
/// holds one float, two neighbours in depth of 16 bits, or four of 8 bits, which is how products of those precisions read them.
/// A product in single precision widens a slice of a panel right before it uses it.
/// </summary>
public sealed unsafe class PackedMatrix : IDisposable
{
    private readonly NativePiece _memory;
    private readonly int _elementBytes;
    private readonly int _depthPerWord;
    private readonly long _scalesStart;

    private PackedMatrix(NativePiece memory, DataType type, int columns, int depth, int tileColumns)
    {
        _memory = memory;
        _elementBytes = WeightWidening.ElementBytes(type);
        _depthPerWord = WeightWidening.DepthPerWord(type);
        Type = type;
        Columns = columns;
        Depth = depth;
        TileColumns = tileColumns;
        Words = WeightWidening.Words(type, depth);
        _scalesStart = PanelBytes(type, columns, depth, tileColumns);
    }

    /// <summary>How the weights are stored.</summary>
    public DataType Type { get; }

    /// <summary>Columns of the product: output features.</summary>
    public int Columns { get; }

    /// <summary>Products in each sum: input features.</summary>
    public int Depth { get; }

    /// <summary>32-bit words of a column.</summary>
    internal int Words { get; }

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
        var scalesAndSums = type == DataType.I8 ? (long)PanelCount(columns, tileColumns) * tileColumns * (sizeof(float) + sizeof(int)) : 0;
        return WeightArena.PieceBytes(PanelBytes(type, columns, depth, tileColumns) + scalesAndSums);
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

    /// <summary>The panel that starts at column <c>panel * TileColumns</c>, from a given depth on, which starts a word, as stored.</summary>
    internal byte* Panel(int panel, int depthStart) =>
        _memory.Pointer + ((long)panel * Words + depthStart / _depthPerWord) * TileColumns * sizeof(float);

    /// <summary>The scales of a panel's columns, with zeros for those that only fill up the panel; 8-bit integers alone have them.</summary>
    internal float* Scales(int panel) => (float*)(_memory.Pointer + _scalesStart) + (long)panel * TileColumns;

    /// <summary>The sums of a panel's columns, likewise.</summary>
    internal int* ColumnSums(int panel) => (int*)Scales(Panels) + (long)panel * TileColumns;

    private static int PanelCount(int columns, int tileColumns) => (int)(((long)columns + tileColumns - 1) / tileColumns);

    private static long PanelBytes(DataType type, int columns, int depth, int tileColumns) =>
        WeightArena.PieceBytes(checked((long)PanelCount(columns, tileColumns) * tileColumns * WeightWidening.Words(type, depth) * sizeof(float)));

    /// <summary>Sets some columns of one panel, and after the last column what fills up the panel.</summary>
    private void FillPanel(int firstColumn, int count, byte* rows)
    {
        var (panel, within) = Math.DivRem(firstColumn, TileColumns);
        var columns = (float*)Panel(panel, 0) + within;
        if (Depth % _depthPerWord == 0) PanelFill.Run(sizeof(float), rows, count, Words, (byte*)columns, TileColumns);
        else FillWholeWords(rows, count, columns);
        if (Type == DataType.I8) SumColumns(panel, within, count, (sbyte*)rows);
        if (firstColumn + count == Columns) ClearPadding(panel, within + count);
    }

    /// <summary>The same for rows that end within a word: a copy of them ends with zeros.</summary>
    private void FillWholeWords(byte* rows, int count, float* columns)
    {
        var (rowBytes, wordBytes) = (Depth * _elementBytes, Words * sizeof(float));
        var copy = ArrayPool<byte>.Shared.Rent(count * wordBytes);
        for (var row = 0; row < count; row++)
        {
            var target = copy.AsSpan(row * wordBytes, wordBytes);
            new ReadOnlySpan<byte>(rows + (long)row * rowBytes, rowBytes).CopyTo(target);
            target[rowBytes..].Clear();
        }
        fixed (byte* whole = copy) PanelFill.Run(sizeof(float), whole, count, Words, (byte*)columns, TileColumns);
        ArrayPool<byte>.Shared.Return(copy);
    }

    private void SumColumns(int panel, int first, int count, sbyte* rows)
    {
        var sums = ColumnSums(panel) + first;
        for (var row = 0; row < count; row++) sums[row] = SignedByteSum.Of(rows + (long)row * Depth, Depth);
    }

    private void ClearPadding(int panel, int firstColumn)
    {
        var columns = TileColumns - firstColumn;
        if (columns == 0) return;
        var start = (float*)Panel(panel, 0) + firstColumn;
        for (var word = 0; word < Words; word++, start += TileColumns) new Span<float>(start, columns).Clear();
        if (Type == DataType.I8) new Span<int>(ColumnSums(panel) + firstColumn, columns).Clear();
    }
}
