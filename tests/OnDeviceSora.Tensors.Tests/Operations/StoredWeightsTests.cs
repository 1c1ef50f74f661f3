using System.Runtime.InteropServices;
using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

/// <summary>
/// Weights in every precision give the very bits that the floats they mean give, however they were filled in. Emitted code, which
/// rounds the rows too where the CPU multiplies bfloat16, has tests of its own.
/// </summary>
[Trait("Category", "Operations")]
public class StoredWeightsTests
{
    private static readonly DataType[] Types = Enum.GetValues<DataType>();

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Products_have_the_bits_of_widened_weights(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement, KernelCode.Managed);
        var (tileRows, tileColumns) = (engine.Kernel.Rows, engine.Kernel.Columns);
        foreach (var type in Types)
        {
            foreach (var (rows, columns, depth) in ((int, int, int)[])[
                (0, 5, 3), (3, 0, 3), (3, 5, 0), (1, 1, 1), (tileRows + 1, tileColumns + 1, 17), (2, tileColumns - 1, 191),
                (3, 2 * tileColumns, 192), (2, 7 * tileColumns + 3, 193), (26 * tileRows + 1, 3 * tileColumns + 1, 9), (5, 8, 1025)])
            {
                Check(engine, type, rows, columns, depth);
            }
        }
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        foreach (var type in Types)
        {
            foreach (var threads in (int[])[1, 2, 3, 5])
            {
                using var engine = new ComputeEngine(threads, code: KernelCode.Managed);
                Check(engine, type, 301, 517, 401);
            }
        }
    }

    /// <summary>Rows come in runs of any length and order; what fills up the last panel is zero.</summary>
    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public unsafe void Panels_hold_the_rows_however_they_were_cut(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement, KernelCode.Managed);
        var tile = engine.Kernel.Columns;
        foreach (var type in Types)
        {
            foreach (var depth in (int[])[1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 130])
            {
                var columns = 2 * tile + 5;
                var weights = WeightReference.Random(type, columns, depth, depth);
                foreach (var run in (int[])[1, 3, 7, 8, 9, tile - 1, tile, tile + 1, columns])
                {
                    using var packed = Fill(engine, weights, columns, depth, run);
                    for (var i = 0; i < 3 * tile * packed.Words * sizeof(float); i++)
                    {
                        // [panel][word][column][byte]: the word's bytes are neighbours of the row.
                        var (word, within) = Math.DivRem(i, tile * sizeof(float));
                        var (panel, column) = (word / packed.Words, within / sizeof(float));
                        var (row, at) = (panel * tile + column, word % packed.Words * sizeof(float) + within % sizeof(float));
                        var rowBytes = depth * WeightReference.Size(type);
                        var expected = row < columns && at < rowBytes ? weights.Stored[row * rowBytes + at] : 0;
                        if (packed.Panel(0, 0)[i] != expected) Assert.Fail($"{type}, depth {depth}, runs of {run}: byte {at} of row {row}");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Convolutions_have_the_bits_of_widened_weights(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement, KernelCode.Managed);
        var same = ConvolutionAxis.Same(3);
        foreach (var type in Types)
        {
            Check(engine, type, [1, 4, 5, 3], 2 * engine.Kernel.Columns + 3, ConvolutionGeometry.Picture(same, same), 9);
            Check(engine, type, [3, 3, 4, 5], 11, new(new(3, 1, 2, 0), same, same), 4);
            Check(engine, type, [2, 3, 3, 6], 9, ConvolutionGeometry.Picture(new(1), new(1)), 5);
        }
    }

    [Fact]
    public void Rows_filled_by_several_threads_arrive()
    {
        using var engine = new ComputeEngine(2, code: KernelCode.Managed);
        const int columns = 500, depth = 77, run = 5;
        foreach (var type in Types)
        {
            var weights = WeightReference.Random(type, columns, depth, 3);
            using var packed = PackedMatrix.Allocate(engine, type, columns, depth);
            if (weights.Scales is not null) packed.FillScales(weights.Scales);
            var bytes = run * depth * WeightReference.Size(type);
            Parallel.For(0, columns / run, i => packed.FillRows(i * run, weights.Stored.AsSpan(i * bytes, bytes)));
            CheckProduct(engine, packed, weights, 3);
        }
    }

    private static void Check(ComputeEngine engine, DataType type, int rows, int columns, int depth)
    {
        var weights = WeightReference.Random(type, columns, depth, rows + columns);
        using var packed = Fill(engine, weights, columns, depth, Math.Max(1, columns));
        CheckProduct(engine, packed, weights, rows);
    }

    private static void CheckProduct(ComputeEngine engine, PackedMatrix packed, WeightReference weights, int rows)
    {
        var (columns, depth) = (packed.Columns, packed.Depth);
        using var widened = PackedMatrix.Pack(engine, weights.Values, columns, depth);
        using var a = Numbers.Fill(engine, 1, rows, depth);
        using var bias = Numbers.Fill(engine, 2, columns);
        using var expected = Numbers.Poisoned(engine, rows, columns);
        using var actual = Numbers.Poisoned(engine, rows, columns);
        var epilogue = new Epilogue { Bias = bias, Activation = Activation.GeluTanh };
        MatMul.Run(engine, a, widened, expected, epilogue);
        MatMul.Run(engine, a, packed, actual, epilogue);
        AssertSameBits(expected, actual, $"{packed.Type}, {rows} x {columns} x {depth}");
    }

    private static void Check(ComputeEngine engine, DataType type, int[] size, int outputs, ConvolutionGeometry geometry, int run)
    {
        var depth = size[3] * geometry.Taps;
        var weights = WeightReference.Random(type, outputs, depth, depth);
        using var widened = PackedConvolution.Pack(engine, weights.Values, outputs, size[3], geometry);
        using var packed = PackedConvolution.Allocate(engine, type, outputs, size[3], geometry);
        if (weights.Scales is not null) packed.FillScales(weights.Scales);
        var bytes = depth * WeightReference.Size(type);
        for (var first = 0; first < outputs; first += run)
        {
            packed.FillFilters(first, weights.Stored.AsSpan(first * bytes, Math.Min(run, outputs - first) * bytes));
        }
        using var x = Numbers.Fill(engine, 1, size);
        var shape = Convolution.OutputShape(x.Shape, widened).Extents;
        using var expected = Numbers.Poisoned(engine, shape);
        using var actual = Numbers.Poisoned(engine, shape);
        Convolution.Run(engine, x, widened, expected);
        Convolution.Run(engine, x, packed, actual);
        AssertSameBits(expected, actual, $"{type}, {geometry}");
    }

    private static PackedMatrix Fill(ComputeEngine engine, WeightReference weights, int columns, int depth, int run)
    {
        var packed = PackedMatrix.Allocate(engine, weights.Type, columns, depth);
        if (weights.Scales is not null) packed.FillScales(weights.Scales);
        var bytes = depth * WeightReference.Size(weights.Type);
        // Backwards, so that nothing relies on the rows before.
        for (var first = (columns - 1) / run * run; columns > 0 && first >= 0; first -= run)
        {
            packed.FillRows(first, weights.Stored.AsSpan(first * bytes, Math.Min(run, columns - first) * bytes));
        }
        return packed;
    }

    private static void AssertSameBits(Tensor expected, Tensor actual, string what)
    {
        var e = MemoryMarshal.Cast<float, int>(expected.Span);
        var a = MemoryMarshal.Cast<float, int>(actual.Span);
        for (var i = 0; i < e.Length; i++)
        {
            if (e[i] != a[i]) Assert.Fail($"{what}: element {i} is {actual.Span[i]:R}, should be {expected.Span[i]:R}");
            Assert.False(float.IsNaN(actual.Span[i]), what);
        }
    }
}
