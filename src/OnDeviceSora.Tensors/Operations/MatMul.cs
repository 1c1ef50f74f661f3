using OnDeviceSora.Tensors.Cpu;
using OnDeviceSora.Tensors.Cpu.Bytes;

namespace OnDeviceSora.Tensors;

/// <summary>The matrix product <c>a w^T</c> with a fused <see cref="Epilogue"/>.</summary>
public static unsafe class MatMul
{
    /// <summary>Computes <c>output = epilogue(a w^T)</c>.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="a">Rows <c>[..., depth]</c>.</param>
    /// <param name="weights">The packed matrix, packed for the same vector width.</param>
    /// <param name="output">Result <c>[..., columns]</c>; must not overlap <paramref name="a"/>. With no rows, nothing happens; with depth 0 the sums are 0.</param>
    /// <param name="epilogue">Bias, activation, gate and residual.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Run(ComputeEngine engine, Tensor a, PackedMatrix weights, Tensor output, in Epilogue epilogue = default)
    {
        if (a.Shape[-1] != weights.Depth) throw new ArgumentException($"Rows of {a.Shape} do not fit a depth of {weights.Depth}.", nameof(a));
        var rows = CheckRows(a.Shape.Rows, output, weights.Columns, epilogue);
        BlockedProduct.Run(engine, new DenseRows(a.Pointer, weights.Depth), rows, weights, output, epilogue);
        GC.KeepAlive(a);
    }

    /// <summary>
    /// Computes <c>output = epilogue(a w^T)</c> with 8-bit integers on both sides: each row is quantised to bytes over its own range. The
    /// error this adds is about 0.5 % of a result's usual size.
    /// </summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="a">Rows <c>[..., depth]</c>.</param>
    /// <param name="weights">The packed matrix, of 8-bit integers.</param>
    /// <param name="output">Result <c>[..., columns]</c>; must not overlap <paramref name="a"/>.</param>
    /// <param name="epilogue">Bias, activation, gate and residual.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the weights are no 8-bit integers.</exception>
    public static void RunQuantised(ComputeEngine engine, Tensor a, PackedMatrix weights, Tensor output, in Epilogue epilogue = default)
    {
        if (a.Shape[-1] != weights.Depth) throw new ArgumentException($"Rows of {a.Shape} do not fit a depth of {weights.Depth}.", nameof(a));
        var rows = CheckRows(a.Shape.Rows, output, weights.Columns, epilogue);
        ByteProduct.Run(engine, new PlainRows(a.Pointer, weights.Depth), rows, weights, output, epilogue);
        GC.KeepAlive(a);
    }

    /// <summary>The same for rows that are quantised already.</summary>
    /// <inheritdoc cref="RunQuantised(ComputeEngine, Tensor, PackedMatrix, Tensor, in Epilogue)"/>
    public static void RunQuantised(ComputeEngine engine, QuantisedRows a, PackedMatrix weights, Tensor output, in Epilogue epilogue = default)
    {
        CheckDepth(a, weights);
        var rows = CheckRows(a.Rows, output, weights.Columns, epilogue);
        ByteProduct.Run(engine, new StoredRows(a), rows, weights, output, epilogue);
    }

    /// <summary>The same, with the result's rows quantised for the next product.</summary>
    /// <inheritdoc cref="RunQuantised(ComputeEngine, Tensor, PackedMatrix, Tensor, in Epilogue)"/>
    public static void RunQuantised(ComputeEngine engine, QuantisedRows a, PackedMatrix weights, QuantisedRows output, in Epilogue epilogue = default)
    {
        CheckDepth(a, weights);
        if (epilogue.Expansion is not null) throw new ArgumentException("Quantised rows are stored once.", nameof(epilogue));
        if (output.Depth != weights.Columns || a.Rows != output.Rows) throw new ArgumentException($"Output {output.Rows} x {output.Depth} should be {a.Rows} x {weights.Columns}.", nameof(output));
        ByteProduct.Run(engine, new StoredRows(a), a.Rows, weights, output, epilogue);
    }

    /// <summary>Bytes of scratch memory that the engine's threads take together for a product of this size, and keep.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="depth">Products in each sum.</param>
    public static long ScratchBytes(ComputeEngine engine, int rows, int columns, int depth) =>
        sizeof(float) * engine.Threads * BlockedProduct.ScratchFloats(engine.Kernel, engine.Threads, rows, columns, depth);

    /// <summary>The same for <see cref="RunQuantised(ComputeEngine, Tensor, PackedMatrix, Tensor, in Epilogue)"/>.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="depth">Products in each sum.</param>
    /// <param name="quantises">Whether the result is quantised.</param>
    public static long QuantisedScratchBytes(ComputeEngine engine, int rows, int columns, int depth, bool quantises) =>
        engine.Threads * ByteProduct.ScratchBytes(engine, rows, columns, depth, quantises);

    private static void CheckDepth(QuantisedRows a, PackedMatrix weights)
    {
        if (a.Depth != weights.Depth) throw new ArgumentException($"Rows of {a.Depth} do not fit a depth of {weights.Depth}.", nameof(a));
    }

    private static int CheckRows(long rows, Tensor output, int columns, in Epilogue epilogue)
    {
        var outputRows = RowsOf(output, columns);
        epilogue.Expansion?.Check(outputRows, rows);
        if (epilogue.OutputRows(rows) != outputRows) throw new ArgumentException($"{rows} rows and {output.Shape} differ in rows.", nameof(output));
        return checked((int)rows);
    }

    internal static int RowsOf(Tensor output, int columns)
    {
        if (output.Shape[-1] != columns) throw new ArgumentException($"Output {output.Shape} should have {columns} columns.", nameof(output));
        return checked((int)output.Shape.Rows);
    }
}
