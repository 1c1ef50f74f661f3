using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

/// <summary>Softmax and frame pairs.</summary>
[Trait("Category", "Operations")]
public class RowOperationTests
{
    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Softmax_agrees_with_the_reference(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var width in (int[])[0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 300])
        {
            foreach (var rows in (int[])[0, 1, 3, 250])
            {
                var values = Numbers.Of(rows * width, 1, -60, 70);
                using var x = engine.From(values, rows, width);
                Softmax.Run(engine, x);
                RowReference.Softmax(values, width).Check(x.Span, $"{rows} x {width}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Softmax_takes_extreme_values(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        float[] values = [float.NegativeInfinity, 3e38f, 3e38f, -3e38f, 0, 1, 2, -1, float.NegativeInfinity, float.MinValue];
        using var x = engine.From(values, 1, values.Length);
        Softmax.Run(engine, x);
        Assert.Equal([0, 0.5f, 0.5f, 0, 0, 0, 0, 0, 0, 0], x.Span.ToArray());
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Average_agrees_with_the_reference(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var frames in (int[])[2, 3, 4, 5, 15, 20])
        {
            foreach (var (batch, length) in ((int, int)[])[(0, 3), (1, 0), (1, 1), (2, 3), (2, 8), (3, 17), (2, 4000)])
            {
                var values = Numbers.Of((long)batch * frames * length, 1);
                using var x = engine.From(values, batch, frames, length);
                using var output = Numbers.Poisoned(engine, batch, frames / 2, length);
                new FramePairs(frames, 1).Average(engine, x, output);
                RowReference.Average(values, batch, frames, length).Check(output.Span, $"{x.Shape}");
            }
        }
    }

    [Fact]
    public void Quantised_means_are_the_means_quantised()
    {
        using var engine = new ComputeEngine(2);
        using var x = Numbers.Fill(engine, 1, 2, 5, 30, 70);
        using var mean = engine.Allocate(2, 2, 30, 70);
        using var output = new QuantisedRows(engine, 120, 70);
        new FramePairs(5, 30).Average(engine, x, mean);
        using var expected = QuantisedNumbers.Of(engine, mean);
        new FramePairs(5, 30).Average(engine, x, output);
        Assert.Equal(QuantisedNumbers.Rows(expected), QuantisedNumbers.Rows(output));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void A_norm_of_pairs_is_the_mean_of_the_norms(int frames)
    {
        using var engine = new ComputeEngine(2);
        var (batch, positions, width, merged) = (2, 30, 70, frames / 2);
        using var x = Numbers.Fill(engine, 1, batch, frames, positions, width);
        using var shift = Numbers.Fill(engine, 2, batch * frames, width);
        using var scale = Numbers.Fill(engine, 3, batch * frames, width);
        var modulation = new Modulation(shift, scale, positions);
        var pairs = new FramePairs(frames, positions);
        using var whole = engine.Allocate(batch, frames, positions, width);
        using var expected = engine.Allocate(batch, merged, positions, width);
        LayerNorm.Run(engine, x, 1e-6f, whole, modulation);
        pairs.Average(engine, whole, expected);
        using var expectedBytes = QuantisedNumbers.Of(engine, expected);

        using var output = Numbers.Poisoned(engine, batch, merged, positions, width);
        using var bytes = new QuantisedRows(engine, batch * merged * positions, width);
        LayerNorm.Run(engine, x, 1e-6f, output, modulation, pairs);
        LayerNorm.Run(engine, x, 1e-6f, bytes, modulation, pairs);
        Assert.Equal(expected.Span, output.Span);
        Assert.Equal(QuantisedNumbers.Rows(expectedBytes), QuantisedNumbers.Rows(bytes));
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Expansion_stores_a_row_into_every_frame_it_stands_for(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var frames in (int[])[2, 3, 4, 5, 15])
        {
            foreach (var (batch, positions, width) in ((int, int, int)[])[(0, 2, 3), (1, 1, 1), (2, 3, 7), (2, 2, 8), (1, 3, 33)])
            {
                foreach (var rowsPerGate in (int[])[0, 1, positions, frames * positions, 1000]) ExpansionCase(engine, batch, frames, positions, width, rowsPerGate);
            }
        }
        ExpansionCase(engine, 2, 7, 40, 130, 140);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 2)]
    [InlineData(15, 7)]
    public void A_last_odd_frame_has_no_merged_frame_of_its_own(int frames, int merged) => Assert.Equal(merged, new FramePairs(frames, 1).MergedFrames);

    /// <summary>A product with the identity stores its rows as they are.</summary>
    private static void ExpansionCase(ComputeEngine engine, int batch, int frames, int positions, int width, int rowsPerGate)
    {
        var rows = batch * frames * positions;
        var groups = rowsPerGate == 0 ? 0 : (rows + rowsPerGate - 1) / rowsPerGate;
        var pairs = new FramePairs(frames, positions);
        var (values, merged) = (Numbers.Of(rows * width, 1), Numbers.Of(batch * pairs.MergedFrames * positions * width, 2));
        var gates = rowsPerGate == 0 ? null : Numbers.Of(groups * width, 3);
        using var x = engine.From(values, batch, frames, positions, width);
        using var source = engine.From(merged, batch, pairs.MergedFrames, positions, width);
        using var gate = gates is null ? null : engine.From(gates, groups, width);
        using var identity = PackedMatrix.Pack(engine, [.. Enumerable.Range(0, width * width).Select(i => i % (width + 1) == 0 ? 1f : 0f)], width, width);
        MatMul.Run(engine, source, identity, x, new Epilogue { Gate = gate, RowsPerGate = rowsPerGate, Residual = x, Expansion = pairs });
        RowReference.AddExpanded(values, merged, batch, frames, positions, width, gates, rowsPerGate).Check(x.Span, $"{x.Shape}, {rowsPerGate} rows a gate");
    }
}
