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
                FramePairs.Average(engine, x, output);
                RowReference.Average(values, batch, frames, length).Check(output.Span, $"{x.Shape}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void AddExpanded_agrees_with_the_reference(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var frames in (int[])[1, 2, 3, 4, 5, 15])
        {
            foreach (var (batch, positions, width) in ((int, int, int)[])[(0, 2, 3), (1, 1, 1), (2, 3, 7), (2, 2, 8), (1, 3, 33)])
            {
                foreach (var rowsPerGate in (int[])[0, 1, positions, frames * positions, 1000]) AddExpandedCase(engine, batch, frames, positions, width, rowsPerGate);
            }
        }
        AddExpandedCase(engine, 2, 7, 40, 130, 140);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 2)]
    [InlineData(15, 7)]
    public void A_last_odd_frame_has_no_merged_frame_of_its_own(int frames, int merged) => Assert.Equal(merged, FramePairs.MergedCount(frames));

    private static void AddExpandedCase(ComputeEngine engine, int batch, int frames, int positions, int width, int rowsPerGate)
    {
        var rows = batch * frames * positions;
        var groups = rowsPerGate == 0 ? 0 : (rows + rowsPerGate - 1) / rowsPerGate;
        var mergedFrames = FramePairs.MergedCount(frames);
        var (values, merged) = (Numbers.Of(rows * width, 1), Numbers.Of(batch * mergedFrames * positions * width, 2));
        var gates = rowsPerGate == 0 ? null : Numbers.Of(groups * width, 3);
        using var x = engine.From(values, batch, frames, positions, width);
        using var source = engine.From(merged, batch, mergedFrames, positions, width);
        using var gate = gates is null ? null : engine.From(gates, groups, width);
        FramePairs.AddExpanded(engine, x, source, gate, rowsPerGate);
        RowReference.AddExpanded(values, merged, batch, frames, positions, width, gates, rowsPerGate).Check(x.Span, $"{x.Shape}, {rowsPerGate} rows a gate");
    }
}
