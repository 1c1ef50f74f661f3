using OnDeviceSora.Tensors.Cpu.Bytes;
using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

/// <summary>Products of 8-bit integers on both sides.</summary>
[Trait("Category", "Operations")]
public unsafe class QuantisedProductTests
{
    private static readonly (int Rows, int Columns, int Depth)[] Sizes =
    [
        (0, 5, 3), (3, 0, 3), (3, 5, 0), (1, 1, 1), (15, 33, 17), (2, 31, 191), (3, 64, 192), (30, 230, 66), (400, 33, 9), (5, 8, 1025),
    ];

    /// <summary>The sums are exact and the rest is a formula: all kernels, widths and thread counts agree with it bit by bit.</summary>
    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Products_have_the_bits_of_the_formula(VectorWidth width, Placement placement)
    {
        foreach (var code in Enum.GetValues<KernelCode>())
        {
            using var engine = EngineCase.Create(width, placement, code);
            foreach (var (rows, columns, depth) in Sizes)
            {
                using var a = Numbers.Fill(engine, 1, rows, depth);
                var weights = WeightReference.Random(DataType.I8, columns, depth, rows + columns);
                using var packed = Pack(engine, weights, columns, depth);
                using var plain = Numbers.Poisoned(engine, rows, columns);
                using var stored = Numbers.Poisoned(engine, rows, columns);
                using var quantised = QuantisedNumbers.Of(engine, a);
                MatMul.RunQuantised(engine, a, packed, plain);
                MatMul.RunQuantised(engine, quantised, packed, stored);
                var expected = Expected(quantised, weights, columns);
                Assert.Equal(expected, plain.Span.ToArray());
                Assert.Equal(expected, stored.Span.ToArray());
            }
        }
    }

    /// <summary>Rows of uniform numbers over 255 levels: an error of 1 / sqrt(12) of a unit each, that is 0.5 % of their usual size.</summary>
    [Fact]
    public void The_error_is_that_of_the_bytes()
    {
        using var engine = new ComputeEngine(2);
        using var a = Numbers.Fill(engine, 1, 200, 1152);
        var weights = WeightReference.Random(DataType.I8, 96, 1152, 3);
        using var packed = Pack(engine, weights, 96, 1152);
        using var exact = engine.Allocate(200, 96);
        using var actual = engine.Allocate(200, 96);
        MatMul.Run(engine, a, packed, exact);
        MatMul.RunQuantised(engine, a, packed, actual);
        var (error, size) = (0.0, 0.0);
        for (var i = 0; i < exact.Length; i++)
        {
            error += Math.Pow(actual.Span[i] - exact.Span[i], 2);
            size += Math.Pow(exact.Span[i], 2);
        }
        Assert.InRange(Math.Sqrt(error / size), 1e-4, 6e-3);
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void A_result_is_quantised_as_its_floats_would_be(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        foreach (var (rows, columns, depth) in Sizes)
        {
            using var x = Numbers.Fill(engine, 1, rows, depth);
            using var a = QuantisedNumbers.Of(engine, x);
            using var packed = Pack(engine, WeightReference.Random(DataType.I8, columns, depth, 4), columns, depth);
            using var bias = Numbers.Fill(engine, 2, columns);
            var epilogue = new Epilogue { Bias = bias, Activation = Activation.GeluTanh };
            using var floats = engine.Allocate(rows, columns);
            using var actual = new QuantisedRows(engine, rows, columns);
            MatMul.RunQuantised(engine, a, packed, floats, epilogue);
            MatMul.RunQuantised(engine, a, packed, actual, epilogue);
            using var expected = QuantisedNumbers.Of(engine, floats);
            // A product without columns has nothing to write, the scales included.
            for (var row = 0; row < rows && columns > 0; row++) Assert.Equal(QuantisedNumbers.Row(expected, row), QuantisedNumbers.Row(actual, row));
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var engine = new ComputeEngine();
        using var a = engine.AllocateZeroed(3, 8);
        using var rows = new QuantisedRows(engine, 3, 8);
        using var output = engine.AllocateZeroed(3, 4);
        using var floats = PackedMatrix.Pack(engine, new float[32], 4, 8);
        using var bytes = PackedMatrix.Allocate(engine, DataType.I8, 4, 8);
        using var deeper = PackedMatrix.Allocate(engine, DataType.I8, 4, 9);
        using var tooDeep = PackedMatrix.Allocate(engine, DataType.I8, 1, ByteKernel.MaximumDepth + 1);
        using var longRow = engine.AllocateZeroed(1, ByteKernel.MaximumDepth + 1);
        using var single = engine.AllocateZeroed(1, 1);
        using var fewer = new QuantisedRows(engine, 2, 4);
        Assert.Contains("8 bits", Assert.Throws<ArgumentException>(() => MatMul.RunQuantised(engine, a, floats, output)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MatMul.RunQuantised(engine, a, deeper, output));
        Assert.Throws<ArgumentException>(() => MatMul.RunQuantised(engine, rows, deeper, output));
        Assert.Throws<ArgumentException>(() => MatMul.RunQuantised(engine, rows, bytes, fewer));
        Assert.Throws<ArgumentException>(() => MatMul.RunQuantised(engine, longRow, tooDeep, single));
        Assert.Throws<ArgumentException>(() => MatMul.RunQuantised(engine, a, bytes, single));
    }

    private static PackedMatrix Pack(ComputeEngine engine, WeightReference weights, int columns, int depth)
    {
        var packed = PackedMatrix.Allocate(engine, DataType.I8, columns, depth);
        packed.FillRows(0, weights.Stored);
        packed.FillScales(weights.Scales);
        return packed;
    }

    private static float[] Expected(QuantisedRows a, WeightReference weights, int columns)
    {
        var expected = new float[a.Rows * columns];
        for (var i = 0; i < expected.Length; i++)
        {
            var (row, column) = (i / columns, i % columns);
            var sum = 0L;
            for (var k = 0; k < a.Depth; k++) sum += (a.Row(row)[k] - a.Zeros[row]) * (sbyte)weights.Stored[column * a.Depth + k];
            expected[i] = (float)sum * weights.Scales![column] * a.Scales[row];
        }
        return expected;
    }
}
