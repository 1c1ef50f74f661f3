using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors.Tests.Cpu;

[Trait("Category", "Operations")]
public unsafe class MicroKernelTests
{
    /// <summary>Panels and tile lie against guard pages: the kernel may touch them and nothing else.</summary>
    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void A_tile_is_the_product_of_its_panels(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        var kernel = engine.Kernel;
        foreach (var depth in (int[])[0, 1, 2, 3, 5, 8, 383])
        {
            foreach (var stride in (int[])[kernel.Columns, kernel.Columns + 3])
            {
                foreach (var accumulate in (bool[])[false, true]) Check(engine, kernel, depth, stride, accumulate);
            }
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void A_panel_holds_rows_side_by_side_and_zeros_for_those_that_are_missing(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var tileRows in (int[])[6, 8, 14, 16, 32])
        {
            for (var count = 0; count <= tileRows; count++)
            {
                foreach (var depth in (int[])[0, 1, 3, 4, 5, 8, 9]) Transpose(engine, tileRows, count, depth);
            }
        }
    }

    private static void Check(ComputeEngine engine, MicroKernel kernel, int depth, int stride, bool accumulate)
    {
        using var a = Numbers.Fill(engine, 1, depth, kernel.Rows);
        using var b = Numbers.Fill(engine, 2, depth, kernel.Columns);
        // The last row ends with the tile, not with the stride.
        using var tile = Numbers.Fill(engine, 3, (kernel.Rows - 1) * stride + kernel.Columns);
        var before = tile.Span.ToArray();
        kernel.Run(a.Pointer, b.Pointer, depth, tile.Pointer, stride, accumulate);
        for (var i = 0; i < before.Length; i++)
        {
            var (row, column) = (i / stride, i % stride);
            if (column >= kernel.Columns)
            {
                Assert.Equal(before[i], tile.Span[i]);
                continue;
            }
            var sum = accumulate ? (double)before[i] : 0;
            for (var k = 0; k < depth; k++) sum += (double)a.Span[k * kernel.Rows + row] * b.Span[k * kernel.Columns + column];
            // One rounding for each product and sum, of at most 1.6 each.
            Assert.Equal(sum, tile.Span[i], (depth + 2) * (depth + 2) * 1.6 / (1 << 24));
        }
    }

    private static void Transpose(ComputeEngine engine, int tileRows, int count, int depth)
    {
        var rows = new Tensor[count];
        var pointers = stackalloc float*[Math.Max(1, count)];
        for (var r = 0; r < count; r++)
        {
            rows[r] = Numbers.Fill(engine, r, depth);
            pointers[r] = rows[r].Pointer;
        }
        using var panel = Numbers.Poisoned(engine, depth, tileRows);
        PanelTranspose.Run(pointers, count, depth, panel.Pointer, tileRows);
        for (var i = 0; i < panel.Length; i++) Assert.Equal(i % tileRows < count ? rows[i % tileRows].Span[i / tileRows] : 0, panel.Span[i]);
        foreach (var row in rows) row.Dispose();
    }
}
