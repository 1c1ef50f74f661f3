using System.Runtime.InteropServices;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench;

/// <summary>The matrix products of STDiT3-XL/2's MLP, and that of T5-XXL's on a short prompt, with weights stored in each precision.</summary>
internal static class MatMulBench
{
    /// <summary>Rows x depth x columns of the shapes that are timed.</summary>
    private static readonly (int Rows, int Depth, int Columns)[] Shapes = [(5124, 1152, 4608), (5124, 4608, 1152), (64, 4096, 10240)];

    private static readonly (DataType Type, string Name)[] Precisions =
    [
        (DataType.F32, "fp32"), (DataType.BF16, "bf16 weights, fp32 products"), (DataType.I8, "int8 weights, fp32 products"),
    ];

    public static void Run(BenchOptions options)
    {
        using var engine = new ComputeEngine(options.Threads);
        foreach (var (rows, depth, columns) in Shapes)
        {
            using var a = RandomTensors.Normal(engine, 1f, rows, depth);
            using var bias = RandomTensors.Normal(engine, 1f, columns);
            using var output = engine.Allocate(rows, columns);
            var epilogue = new Epilogue { Bias = bias };
            foreach (var (type, precision) in Precisions)
            {
                using var weights = RandomWeights(engine, type, columns, depth);
                Comparison.Print($"matmul {rows}x{depth}x{columns}", 2.0 * rows * depth * columns,
                    () => MatMul.Run(engine, a, weights, output, epilogue), options, precision);
            }
        }
    }

    private static PackedMatrix RandomWeights(ComputeEngine engine, DataType type, int columns, int depth)
    {
        const float deviation = 0.02f;
        using var plain = RandomTensors.Normal(engine, deviation, columns, depth);
        var weights = PackedMatrix.Allocate(engine, type, columns, depth);
        switch (type)
        {
            case DataType.BF16: weights.FillRows(0, Store(plain, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))); break;
            case DataType.I8:
                var scale = 4 * deviation / sbyte.MaxValue;
                weights.FillRows(0, Store(plain, value => (sbyte)Math.Clamp(value / scale, -sbyte.MaxValue, sbyte.MaxValue)));
                weights.FillScales([.. Enumerable.Repeat(scale, columns)]);
                break;
            default: weights.FillRows(0, MemoryMarshal.AsBytes(plain.Span)); break;
        }
        return weights;
    }

    private static ReadOnlySpan<byte> Store<T>(Tensor plain, Func<float, T> convert)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(plain.Span.ToArray().Select(convert).ToArray());
}
