using OnDeviceSora.Tensors.Cpu.Winograd;
using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

/// <summary>Convolutions of 3x3 in the plane that are computed by Winograd's transforms.</summary>
[Trait("Category", "Operations")]
public class WinogradTests
{
    private static readonly ConvolutionAxis Same3 = ConvolutionAxis.Same(3);
    private static readonly ConvolutionGeometry Picture = ConvolutionGeometry.Picture(Same3, Same3);
    private static readonly ConvolutionGeometry Causal = new(new(3, 1, 2, 0), Same3, Same3);

    /// <summary>Nothing fits: a row panel, a frame, a column panel at a time.</summary>
    private static readonly WinogradLimits Least = new(1, 1);

    public static TheoryData<int[], int, ConvolutionGeometry> Shapes => new()
    {
        { [1, 16, 28, 32], 3, Picture },
        { [1, 17, 31, 48], 35, Picture },
        { [2, 29, 27, 32], 33, Picture },
        { [1, 7, 130, 32], 5, Picture },
        { [1, 16, 30, 272], 4, Picture },
        { [1, 24, 20, 32], 6, ConvolutionGeometry.Picture(new(3, 1, 0, 0), new(3, 1, 0, 2)) },
        { [1, 22, 21, 32], 6, ConvolutionGeometry.Picture(new(3, 1, 5, 3), new(3, 1, 2, 6)) },
        { [5, 16, 14, 32], 4, Causal },
        { [1, 32, 32, 32], 4, Causal },
        { [6, 12, 24, 32], 4, new(new(3, 2, 2, 0), Same3, Same3) },
        { [5, 16, 14, 32], 4, new(new(2, 3, 1, 1), Same3, Same3) },
        { [3, 16, 14, 32], 4, new(new(3, 1, 4, 5), Same3, Same3) },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rounding_errors_add_up_no_faster_than_in_a_plain_sum(int[] size, int outputs, ConvolutionGeometry geometry)
    {
        var taps = geometry.Time.Kernel * 9;
        var (x, w) = (Numbers.Of(new Shape(size).Length, 1, -1, 1), Numbers.Of((long)outputs * size[3] * taps, 2, -1, 1));
        var (expected, _) = ProductReference.Convolution(x, size, w, outputs, geometry, EpilogueValues.None);
        // n roundings in random directions, of sums of this magnitude; the largest of thousands of errors is a few times the usual one.
        var error = Expectation.Rounding * Math.Sqrt(size[3] * taps) * Math.Sqrt(expected.Values.Average(v => v * v));
        foreach (var width in EngineCase.Widths)
        {
            using var engine = new ComputeEngine(2, width);
            var actual = Run(engine, WinogradLimits.Default, x, size, w, outputs, geometry);
            var errors = actual.Zip(expected.Values, (a, e) => Math.Abs(a - e)).ToArray();
            Assert.InRange(errors.Max(), 0, 10 * error);
            Assert.InRange(Math.Sqrt(errors.Average(e => e * e)), 0, error);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Threads_and_limits_do_not_change_the_bits(int[] size, int outputs, ConvolutionGeometry geometry)
    {
        var (x, w) = (Numbers.Of(new Shape(size).Length, 1), Numbers.Of((long)outputs * size[3] * geometry.Time.Kernel * 9, 2));
        foreach (var width in EngineCase.Widths)
        {
            var expected = Bits(1, WinogradLimits.Default);
            foreach (var limits in (WinogradLimits[])[WinogradLimits.Default, Least, new(200_000, 100_000)]) Assert.Equal(expected, Bits(3, limits));

            int[] Bits(int threads, WinogradLimits limits)
            {
                using var engine = new ComputeEngine(threads, width);
                var result = Run(engine, limits, x, size, w, outputs, geometry);
                engine.Dispose();
                Assert.Equal(0, engine.Memory.CurrentBytes);
                return [.. result.Select(BitConverter.SingleToInt32Bits)];
            }
        }
    }

    /// <summary>Weights of every precision give what the widened weights give, between guard pages.</summary>
    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Stored_weights_give_the_bits_of_the_widened_ones(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        const int Inputs = 48, Outputs = 40, Taps = 27;
        foreach (var type in (DataType[])[DataType.BF16, DataType.F16, DataType.I8])
        {
            var stored = WeightReference.Random(type, Outputs, Inputs * Taps, 2);
            using var weights = PackedConvolution.Allocate(engine, type, Outputs, Inputs, Causal);
            weights.FillFilters(0, stored.Stored);
            if (stored.Scales is not null) weights.FillScales(stored.Scales);
            using var plain = PackedConvolution.Pack(engine, stored.Values, Outputs, Inputs, Causal);
            using var x = Numbers.Fill(engine, 1, 2, 16, 17, Inputs);
            using var expected = Numbers.Poisoned(engine, 2, 16, 17, Outputs);
            using var actual = Numbers.Poisoned(engine, 2, 16, 17, Outputs);
            Convolution.Run(engine, x, plain, expected);
            Convolution.Run(engine, x, weights, actual);
            Assert.Equal(expected.Span.ToArray(), actual.Span.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void The_epilogue_applies_and_nothing_else_is_touched(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        int[] size = [1, 17, 30, 32];
        const int Outputs = 9, Positions = 17 * 30;
        var e = new EpilogueValues(Numbers.Of(Outputs, 3), Activation.Silu, Numbers.Of(2 * Outputs, 4), Positions / 2, Numbers.Of(Positions * Outputs, 5));
        var (x, w) = (Numbers.Of(Positions * 32, 1), Numbers.Of(Outputs * 32 * 9, 2));
        var (expected, _) = ProductReference.Convolution(x, size, w, Outputs, Picture, e);
        using var input = engine.From(x, size);
        using var weights = PackedConvolution.Pack(engine, w, Outputs, 32, Picture);
        using var bias = engine.From(e.Bias, Outputs);
        using var gate = engine.From(e.Gate, 2, Outputs);
        using var sum = engine.From(e.Residual, 1, 17, 30, Outputs);
        Convolution.Run(engine, input, weights, sum, new Epilogue { Bias = bias, Activation = e.Activation, Gate = gate, RowsPerGate = e.RowsPerGate, Residual = sum });
        expected.Check(sum.Span, "Winograd with an epilogue");
    }

    [Fact]
    public void What_is_too_small_or_too_thin_is_summed_directly()
    {
        using var engine = new ComputeEngine();
        Assert.True(Grid([1, 16, 28, 32], Picture).IsWorthwhile);
        Assert.False(Grid([1, 16, 28, 31], Picture).IsWorthwhile);
        Assert.False(Grid([1, 16, 28, 16], Picture).IsWorthwhile);
        Assert.False(Grid([1, 4, 4, 32], Picture).IsWorthwhile);
        Assert.False(Grid([100, 4, 4, 32], Picture).IsWorthwhile);
        Assert.False(Grid([0, 16, 28, 32], Picture).IsWorthwhile);
        Assert.False(Grid([1, 1, 4000, 32], Picture).IsWorthwhile);
        Assert.False(Grid([1, 64, 64, 32], ConvolutionGeometry.Picture(new(3, 2, 0, 1), new(3, 2, 0, 1))).IsWorthwhile);
        Assert.False(Grid([1, 64, 64, 32], ConvolutionGeometry.Picture(new(1), new(1))).IsWorthwhile);
        Assert.False(Grid([1, 2, 2, 32], ConvolutionGeometry.Picture(new(3), new(3))).IsWorthwhile);

        WinogradGrid Grid(int[] size, ConvolutionGeometry geometry) => new(engine.Kernel, (size[0], size[1], size[2]), size[3], 32, geometry, WinogradLimits.Default);
    }

    private static float[] Run(ComputeEngine engine, WinogradLimits limits, float[] x, int[] size, float[] w, int outputs, ConvolutionGeometry geometry)
    {
        var grid = new WinogradGrid(engine.Kernel, (size[0], size[1], size[2]), size[3], outputs, geometry, limits);
        Assert.True(grid.IsWorthwhile, $"{string.Join('x', size)} with {engine.VectorWidth}");
        using var input = engine.From(x, size);
        using var weights = PackedConvolution.Pack(engine, w, outputs, size[3], geometry);
        using var output = Numbers.Poisoned(engine, Convolution.OutputShape(input.Shape, weights).Extents);
        WinogradConvolution.Run(engine, grid, input, weights, output, default);
        return output.Span.ToArray();
    }
}
