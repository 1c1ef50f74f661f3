using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

/// <summary>The same bits for any number of threads, at sizes that split into several tasks.</summary>
public class ThreadCountTests
{
    private static readonly Dictionary<string, Func<ComputeEngine, float[]>> Samples = new()
    {
        ["MatMul"] = engine => Product(engine, 301, 517, 777, default),
        ["MatMul of few rows"] = engine => Product(engine, 2, 1025, 777, Activation.GeluTanh),
        ["MatMul of bytes"] = engine => ByteProduct(engine, 301, 517, 777),
        ["MatMul of few rows of bytes"] = engine => ByteProduct(engine, 2, 1025, 777),
        ["MatMul of bytes to bytes"] = ByteProductPair,
        ["Convolution"] = Convolve,
        ["Attention"] = engine => Attend(engine, 3, 600, 300, 2, 24),
        ["Attention of many sequences"] = engine => Attend(engine, 90, 5, 7, 2, 24),
        ["Attention of a single head"] = engine => Attend(engine, 1, 3000, 300, 1, 24),
        ["GroupNorm"] = engine => InPlace(engine, (x, w) => GroupNorm.Run(engine, x, 4, w, w, 1e-6f, true, x), 2, 3000, 36),
        ["LayerNorm"] = engine => InPlace(engine, (x, w) => LayerNorm.Run(engine, x, 1e-6f, x, new Modulation(w, w, 1000)), 1000, 131),
        ["RmsNorm"] = engine => InPlace(engine, (x, w) => RmsNorm.Run(engine, x, w, 1e-6f, x), 1000, 131),
        ["Softmax"] = engine => InPlace(engine, (x, _) => Softmax.Run(engine, x), 1000, 131),
        ["Silu"] = engine => InPlace(engine, (x, _) => Elementwise.Silu(engine, x), 1000, 131),
        ["GeluTanh"] = engine => InPlace(engine, (x, _) => Elementwise.GeluTanh(engine, x), 1000, 131),
        ["AddScaled"] = engine => InPlace(engine, (x, _) => Elementwise.AddScaled(engine, x, x, 0.3f), 1000, 131),
        ["Add"] = engine => InPlace(engine, (x, _) => Elementwise.Add(engine, x, x), 1000, 131),
        ["Multiply"] = engine => InPlace(engine, (x, _) => Elementwise.Multiply(engine, x, x), 1000, 131),
        ["Frame pairs"] = MergeFrames,
    };

    public static TheoryData<string> Names => [.. Samples.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_number_of_threads_gives_the_same_bits(string sample)
    {
        foreach (var width in EngineCase.Widths)
        {
            using var single = new ComputeEngine(1, width);
            var expected = Samples[sample](single).Select(BitConverter.SingleToInt32Bits).ToArray();
            foreach (var threads in (int[])[2, 3, 5])
            {
                using var engine = new ComputeEngine(threads, width);
                Assert.Equal(expected, Samples[sample](engine).Select(BitConverter.SingleToInt32Bits));
                engine.Dispose();
                Assert.Equal(0, engine.Memory.CurrentBytes);
            }
        }
    }

    private static float[] Product(ComputeEngine engine, int rows, int columns, int depth, Activation activation)
    {
        using var a = Numbers.Fill(engine, 1, rows, depth);
        using var weights = PackedMatrix.Pack(engine, Numbers.Of(columns * depth, 2), columns, depth);
        using var bias = Numbers.Fill(engine, 3, columns);
        using var output = Numbers.Poisoned(engine, rows, columns);
        MatMul.Run(engine, a, weights, output, new Epilogue { Bias = bias, Activation = activation });
        return output.Span.ToArray();
    }

    private static float[] ByteProduct(ComputeEngine engine, int rows, int columns, int depth)
    {
        using var a = Numbers.Fill(engine, 1, rows, depth);
        using var weights = ByteWeights(engine, columns, depth);
        using var output = Numbers.Poisoned(engine, rows, columns);
        MatMul.RunQuantised(engine, a, weights, output);
        return output.Span.ToArray();
    }

    private static unsafe float[] ByteProductPair(ComputeEngine engine)
    {
        using var x = Numbers.Fill(engine, 1, 301, 77);
        using var a = new QuantisedRows(engine, 301, 77);
        for (var row = 0; row < a.Rows; row++) a.Set(row, x.Pointer + row * 77);
        using var inner = ByteWeights(engine, 131, 77);
        using var outer = ByteWeights(engine, 55, 131);
        using var hidden = new QuantisedRows(engine, 301, 131);
        using var output = Numbers.Poisoned(engine, 301, 55);
        MatMul.RunQuantised(engine, a, inner, hidden, new Epilogue { Activation = Activation.GeluTanh });
        MatMul.RunQuantised(engine, hidden, outer, output);
        return output.Span.ToArray();
    }

    private static PackedMatrix ByteWeights(ComputeEngine engine, int columns, int depth)
    {
        var weights = WeightReference.Random(DataType.I8, columns, depth, 2);
        var packed = PackedMatrix.Allocate(engine, DataType.I8, columns, depth);
        packed.FillRows(0, weights.Stored);
        packed.FillScales(weights.Scales);
        return packed;
    }

    private static float[] Convolve(ComputeEngine engine)
    {
        var geometry = new ConvolutionGeometry(new(3, 1, 2, 0), ConvolutionAxis.Same(3), ConvolutionAxis.Same(3));
        using var x = Numbers.Fill(engine, 1, 4, 13, 17, 9);
        using var weights = PackedConvolution.Pack(engine, Numbers.Of(21 * 9 * 27, 2), 21, 9, geometry);
        using var output = Numbers.Poisoned(engine, 4, 13, 17, 21);
        Convolution.Run(engine, x, weights, output);
        return output.Span.ToArray();
    }

    private static float[] Attend(ComputeEngine engine, int count, int queries, int keys, int heads, int headSize)
    {
        var width = heads * headSize;
        using var q = Numbers.Fill(engine, 1, count, queries, width);
        using var kv = Numbers.Fill(engine, 2, count, keys, 2 * width);
        using var norm = Numbers.Fill(engine, 3, headSize);
        using var table = RopeTable.Create(engine, Numbers.Of(headSize / 2, 4), Math.Max(queries, keys));
        using var output = Numbers.Poisoned(engine, count, queries, width);
        Attention.Run(engine, new AttentionArguments
        {
            Query = Sequences.OfRows(q, 0, count, queries, width),
            Key = Sequences.OfRows(kv, 0, count, keys, 2 * width),
            Value = Sequences.OfRows(kv, width, count, keys, 2 * width),
            Output = Sequences.OfRows(output, 0, count, queries, width),
            Heads = heads,
            HeadSize = headSize,
            Scale = 0.2f,
            QueryNorm = norm,
            KeyNorm = norm,
            Rope = table,
        });
        return output.Span.ToArray();
    }

    private static float[] MergeFrames(ComputeEngine engine)
    {
        using var merged = engine.Allocate(2, 7, 50, 65);
        return InPlace(engine, (x, w) =>
        {
            var pairs = new FramePairs(15, 50);
            using var identity = PackedMatrix.Pack(engine, [.. Enumerable.Range(0, 65 * 65).Select(i => i % 66 == 0 ? 1f : 0f)], 65, 65);
            pairs.Average(engine, x, merged);
            MatMul.Run(engine, merged, identity, x, new Epilogue { Gate = w, RowsPerGate = 100_000, Residual = x, Expansion = pairs });
        }, 2, 15, 50, 65);
    }

    /// <summary>Runs an operation on a tensor, with weights as long as its last axis.</summary>
    private static float[] InPlace(ComputeEngine engine, Action<Tensor, Tensor> operation, params int[] extents)
    {
        using var x = Numbers.Fill(engine, 1, extents);
        using var weights = Numbers.Fill(engine, 2, extents[^1]);
        operation(x, weights);
        return x.Span.ToArray();
    }
}
