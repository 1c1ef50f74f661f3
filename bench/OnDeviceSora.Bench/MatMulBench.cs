using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench;

/// <summary>The matrix products of STDiT3-XL/2's MLP.</summary>
internal static class MatMulBench
{
    /// <summary>Rows x depth x columns of the shapes that are timed.</summary>
    private static readonly (int Rows, int Depth, int Columns)[] Shapes = [(5124, 1152, 4608), (5124, 4608, 1152)];

    public static void Run(BenchOptions options)
    {
        using var engine = new ComputeEngine(options.Threads);
        foreach (var (rows, depth, columns) in Shapes)
        {
            using var a = RandomTensors.Normal(engine, 1f, rows, depth);
            using var plain = RandomTensors.Normal(engine, 0.02f, columns, depth);
            using var weights = PackedMatrix.Pack(engine, plain.Span, columns, depth);
            using var bias = RandomTensors.Normal(engine, 1f, columns);
            using var output = engine.Allocate(rows, columns);
            var epilogue = new Epilogue { Bias = bias };
            Comparison.Print($"matmul {rows}x{depth}x{columns}", 2.0 * rows * depth * columns,
                () => MatMul.Run(engine, a, weights, output, epilogue), options);
        }
    }
}
