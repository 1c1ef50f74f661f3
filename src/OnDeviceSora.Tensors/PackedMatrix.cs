namespace OnDeviceSora.Tensors;

/// <summary>
/// The right-hand side of a product, rearranged once into panels that the micro-kernel reads in order:
/// <c>[panel][depth][tile columns]</c>, the last panel padded with zeros.
/// </summary>
public sealed unsafe class PackedMatrix : IDisposable
{
    private readonly NativeBuffer _panels;

    private PackedMatrix(NativeBuffer panels, int columns, int depth, int tileColumns)
    {
        _panels = panels;
        Columns = columns;
        Depth = depth;
        TileColumns = tileColumns;
    }

    /// <summary>Columns of the product: output features.</summary>
    public int Columns { get; }

    /// <summary>Products in each sum: input features.</summary>
    public int Depth { get; }

    /// <summary>Width of a panel; that of the engine it was packed for.</summary>
    internal int TileColumns { get; }

    internal int Panels => (Columns + TileColumns - 1) / TileColumns;

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
        var tileColumns = engine.Kernel.Columns;
        var panels = (columns + tileColumns - 1) / tileColumns;
        var buffer = new NativeBuffer(engine.Memory, MemoryOwner.Weights, (long)panels * depth * tileColumns * sizeof(float));
        var packed = new PackedMatrix(buffer, columns, depth, tileColumns);
        fixed (float* source = weights)
        {
            var from = source;
            engine.Team.For(panels, (panel, _) => packed.FillPanel(panel, from));
        }
        return packed;
    }

    /// <summary>The panel that starts at column <c>panel * TileColumns</c>, from a given depth on.</summary>
    internal float* Panel(int panel, int depthStart) =>
        (float*)_panels.Pointer + ((long)panel * Depth + depthStart) * TileColumns;

    /// <summary>Frees the panels.</summary>
    public void Dispose() => _panels.Dispose();

    private void FillPanel(int panel, float* source)
    {
        var first = panel * TileColumns;
        var count = Math.Min(TileColumns, Columns - first);
        var target = Panel(panel, 0);
        for (var column = 0; column < TileColumns; column++)
        {
            var row = source + (long)(first + column) * Depth;
            for (var k = 0; k < Depth; k++) target[(long)k * TileColumns + column] = column < count ? row[k] : 0;
        }
    }
}
