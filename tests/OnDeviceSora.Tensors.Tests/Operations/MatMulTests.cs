using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

[Trait("Category", "Operations")]
public class MatMulTests
{
    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Agrees_with_the_reference_around_every_tile_edge(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        var (tileRows, tileColumns) = (engine.Kernel.Rows, engine.Kernel.Columns);
        foreach (var rows in (int[])[0, 1, tileRows - 1, tileRows, tileRows + 1, 2 * tileRows + 3])
        {
            foreach (var columns in (int[])[0, 1, tileColumns - 1, tileColumns, tileColumns + 1, 4 * tileColumns + 1]) Check(engine, rows, columns, 7);
        }
    }

    /// <summary>Sums are swept in stretches of depth; 192 is the length of one, and 384 of two.</summary>
    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Agrees_with_the_reference_at_every_depth(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        foreach (var depth in (int[])[0, 1, 2, 3, 4, 5, 63, 64, 65, 191, 192, 193, 255, 256, 257, 383, 384, 385, 511, 512, 513, 767, 768, 769, 1025])
        {
            Check(engine, engine.Kernel.Rows + 1, engine.Kernel.Columns + 1, depth);
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Agrees_with_the_reference_when_it_splits_into_several_tasks(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        var (tileRows, tileColumns) = (engine.Kernel.Rows, engine.Kernel.Columns);
        Check(engine, 25 * tileRows + 1, 3 * tileColumns + 1, 9);
        Check(engine, 2, 33 * tileColumns - 1, 9);
        Check(engine, 13 * tileRows - 1, 9 * tileColumns + 5, 17);
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Every_combination_of_epilogue_parts_agrees_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        var (rows, columns, depth) = (2 * engine.Kernel.Rows + 1, engine.Kernel.Columns + 3, 5);
        foreach (var activation in Enum.GetValues<Activation>())
        {
            for (var parts = 0; parts < 8; parts++)
            {
                foreach (var rowsPerGate in (int[])[1, 4, rows, rows + 5])
                {
                    var groups = (rows + rowsPerGate - 1) / rowsPerGate;
                    Check(engine, rows, columns, depth, new EpilogueValues(
                        (parts & 1) == 0 ? null : Numbers.Of(columns, 3, -3, 3), activation,
                        (parts & 2) == 0 ? null : Numbers.Of(groups * columns, 4), rowsPerGate,
                        (parts & 4) == 0 ? null : Numbers.Of(rows * columns, 5)));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void The_residual_may_be_the_output(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        var (rows, columns, depth) = (engine.Kernel.Rows * 3 + 1, engine.Kernel.Columns * 5 - 1, 6);
        var (a, weights, residual) = (Numbers.Of(rows * depth, 1), Numbers.Of(columns * depth, 2), Numbers.Of(rows * columns, 3));
        using var input = engine.From(a, rows, depth);
        using var output = engine.From(residual, rows, columns);
        using var packed = PackedMatrix.Pack(engine, weights, columns, depth);
        MatMul.Run(engine, input, packed, output, new Epilogue { Residual = output });
        ProductReference.MatMul(a, weights, rows, columns, depth, EpilogueValues.None with { Residual = residual }).Check(output.Span, "residual in place");
        Assert.Equal(a, input.Span.ToArray());
    }

    [Fact]
    public void Leading_axes_count_as_rows()
    {
        using var engine = new ComputeEngine();
        var (a, weights) = (Numbers.Of(2 * 3 * 4, 1), Numbers.Of(5 * 4, 2));
        using var input = engine.From(a, 2, 3, 4);
        using var output = Numbers.Poisoned(engine, 6, 5);
        using var packed = PackedMatrix.Pack(engine, weights, 5, 4);
        MatMul.Run(engine, input, packed, output);
        ProductReference.MatMul(a, weights, 6, 5, 4, EpilogueValues.None).Check(output.Span, "leading axes");
    }

    private static void Check(ComputeEngine engine, int rows, int columns, int depth, EpilogueValues? epilogue = null)
    {
        var e = epilogue ?? EpilogueValues.None;
        var (a, weights) = (Numbers.Of((long)rows * depth, 1), Numbers.Of((long)columns * depth, 2));
        using var input = engine.From(a, rows, depth);
        using var source = engine.From(weights, columns, depth);
        using var packed = PackedMatrix.Pack(engine, source.Span, columns, depth);
        using var output = Numbers.Poisoned(engine, rows, columns);
        using var bias = e.Bias is null ? null : engine.From(e.Bias, columns);
        using var gate = e.Gate is null ? null : engine.From(e.Gate, e.Gate.Length / columns, columns);
        using var residual = e.Residual is null ? null : engine.From(e.Residual, rows, columns);
        MatMul.Run(engine, input, packed, output, new Epilogue
        {
            Bias = bias,
            Activation = e.Activation,
            Gate = gate,
            RowsPerGate = e.RowsPerGate,
            Residual = residual,
        });
        ProductReference.MatMul(a, weights, rows, columns, depth, e).Check(output.Span, $"{rows} x {columns} x {depth}, {e.Activation}, gate over {e.RowsPerGate}");
    }
}
