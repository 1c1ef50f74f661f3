using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

[Trait("Category", "Operations")]
public class NormTests
{
    private static readonly int[] Widths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1152];

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void LayerNorm_agrees_with_the_reference(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var width in Widths)
        {
            foreach (var (rows, rowsPerGroup) in ((int, int)[])[(0, 0), (1, 0), (3, 0), (5, 1), (5, 2), (5, 9)]) LayerNormCase(engine, rows, width, rowsPerGroup, inPlace: false);
        }
        LayerNormCase(engine, 70, 1000, 30, inPlace: true);
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public unsafe void LayerNorm_to_bytes_quantises_what_it_gives_as_floats(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var width in Widths)
        {
            using var x = Numbers.Fill(engine, 1, 70, width);
            using var modulation = Numbers.Fill(engine, 2, 3, width);
            var parts = new Modulation(modulation, modulation, 30);
            using var floats = Numbers.Poisoned(engine, 70, width);
            using var actual = new QuantisedRows(engine, 70, width);
            LayerNorm.Run(engine, x, 1e-6f, floats, parts);
            LayerNorm.Run(engine, x, 1e-6f, actual, parts);
            using var expected = QuantisedNumbers.Of(engine, floats);
            for (var row = 0; row < 70 && width > 0; row++) Assert.Equal(QuantisedNumbers.Row(expected, row), QuantisedNumbers.Row(actual, row));
            using var narrow = new QuantisedRows(engine, 69, width);
            Assert.Throws<ArgumentException>(() => LayerNorm.Run(engine, x, 1e-6f, narrow, parts));
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void RmsNorm_of_rows_agrees_with_the_reference(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var width in Widths)
        {
            foreach (var rows in (int[])[0, 1, 3, 70])
            {
                var (x, weights) = (Numbers.Of(rows * width, 1), Numbers.Of(width, 2));
                using var input = engine.From(x, rows, width);
                using var weight = engine.From(weights, width);
                using var output = Numbers.Poisoned(engine, rows, width);
                RmsNorm.Run(engine, input, weight, 1e-6f, output);
                var expected = NormReference.RmsNorm(x, width, weights, 1e-6f);
                expected.Check(output.Span, $"{rows} x {width}");
                RmsNorm.Run(engine, input, weight, 1e-6f, input);
                expected.Check(input.Span, $"{rows} x {width} in place");
            }
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void GroupNorm_agrees_with_the_reference(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var (groups, size) in ((int, int)[])[(1, 1), (1, 3), (2, 2), (4, 2), (3, 3), (1, 8), (2, 8), (32, 1), (5, 13), (32, 4)])
        {
            // Sums are taken over 128 positions at a time.
            foreach (var positions in (int[])[0, 1, 5, 127, 128, 129, 300]) GroupNormCase(engine, 2, positions, groups * size, groups, offset: 0);
        }
        GroupNormCase(engine, 0, 4, 8, 2, offset: 0);
        GroupNormCase(engine, 1, 3000, 24, 3, offset: 0);
    }

    /// <summary>Far from zero, a variance computed as the mean of squares minus the square of the mean would be noise.</summary>
    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Values_far_from_zero_keep_their_variance(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        GroupNormCase(engine, 1, 700, 8, 2, offset: 1000);
        LayerNormCase(engine, 3, 65, 0, inPlace: false, offset: 1000);
    }

    [Fact]
    public void A_constant_row_becomes_zero()
    {
        using var engine = new ComputeEngine();
        using var x = engine.From([3, 3, 3, 3, 3], 1, 5);
        LayerNorm.Run(engine, x, 1e-6f, x);
        Assert.Equal(new float[5], x.Span.ToArray());
    }

    private static void LayerNormCase(ComputeEngine engine, int rows, int width, int rowsPerGroup, bool inPlace, float offset = 0)
    {
        var x = Numbers.Of(rows * width, 1, -1 + offset, 1.25f + offset);
        var groups = rowsPerGroup == 0 ? 0 : (rows + rowsPerGroup - 1) / rowsPerGroup;
        var (shifts, scales) = (Numbers.Of(groups * width, 2), Numbers.Of(groups * width, 3));
        using var input = engine.From(x, rows, width);
        using var shift = engine.From(shifts, groups, width);
        using var scale = engine.From(scales, groups, width);
        using var separate = Numbers.Poisoned(engine, rows, width);
        var output = inPlace ? input : separate;
        LayerNorm.Run(engine, input, 1e-6f, output, rowsPerGroup == 0 ? default : new Modulation(shift, scale, rowsPerGroup));
        NormReference.LayerNorm(x, width, 1e-6f, rowsPerGroup == 0 ? null : shifts, rowsPerGroup == 0 ? null : scales, rowsPerGroup)
            .Check(output.Span, $"{rows} x {width}, {rowsPerGroup} rows a group");
    }

    private static void GroupNormCase(ComputeEngine engine, int items, int positions, int channels, int groups, float offset)
    {
        var x = Numbers.Of((long)items * positions * channels, 1, -1 + offset, 1.25f + offset);
        var (weights, biases) = (Numbers.Of(channels, 2), Numbers.Of(channels, 3));
        using var input = engine.From(x, items, positions, channels);
        using var weight = engine.From(weights, channels);
        using var bias = engine.From(biases, channels);
        using var output = Numbers.Poisoned(engine, items, positions, channels);
        foreach (var silu in (bool[])[false, true])
        {
            GroupNorm.Run(engine, input, groups, weight, bias, 1e-6f, silu, output);
            NormReference.GroupNorm(x, items, channels, groups, weights, biases, 1e-6f, silu).Check(output.Span, $"{input.Shape} in {groups} groups, SiLU {silu}");
        }
        GroupNorm.Run(engine, input, groups, weight, bias, 1e-6f, silu: true, input);
        Assert.Equal(output.Span.ToArray(), input.Span.ToArray());
    }
}
