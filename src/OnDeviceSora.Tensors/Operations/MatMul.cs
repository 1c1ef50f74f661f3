using OnDeviceSora.Tensors.Cpu;

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
        var rows = RowsOf(output, weights.Columns);
        if (a.Shape.Rows != rows) throw new ArgumentException($"{a.Shape} and {output.Shape} differ in rows.", nameof(output));
        BlockedProduct.Run(engine, new DenseRows(a.Pointer, weights.Depth), rows, weights, output, epilogue);
        GC.KeepAlive(a);
    }

    /// <summary>Bytes of scratch memory that the engine's threads take together for a product of this size, and keep.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="depth">Products in each sum.</param>
    public static long ScratchBytes(ComputeEngine engine, int rows, int columns, int depth) =>
        sizeof(float) * engine.Threads * BlockedProduct.ScratchFloats(engine.Kernel, engine.Threads, rows, columns, depth);

    internal static int RowsOf(Tensor output, int columns)
    {
        if (output.Shape[-1] != columns) throw new ArgumentException($"Output {output.Shape} should have {columns} columns.", nameof(output));
        return checked((int)output.Shape.Rows);
    }
}
