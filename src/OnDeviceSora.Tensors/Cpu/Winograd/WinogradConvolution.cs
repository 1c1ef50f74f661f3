namespace OnDeviceSora.Tensors.Cpu.Winograd;

/// <summary>
/// Convolution with kernels of 3x3 in the plane and stride 1, with a quarter of the products. Taps in time lengthen the sums: each
/// frame is transformed once, and an output frame adds up the products of those it reads.
/// </summary>
internal static unsafe class WinogradConvolution
{
    /// <summary>Computes a convolution that <see cref="WinogradGrid.IsWorthwhile"/>; parameters as those of <see cref="Convolution.Run"/>.</summary>
    public static void Run(ComputeEngine engine, WinogradGrid grid, Tensor input, PackedConvolution weights, Tensor output, in Epilogue epilogue)
    {
        epilogue.Check(output.Shape.Rows, weights.OutputChannels);
        if (weights.Matrix.TileColumns != grid.TileColumns) throw new ArgumentException("The weights were packed for another vector width.", nameof(weights));
        using var slots = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, grid.InputBytes);
        using var panels = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, grid.FilterBytes);
        var inputs = new WinogradInputs(engine, grid, input.Pointer, weights.Zeros.Pointer, (float*)slots.Pointer);
        var filters = new WinogradFilters(engine, grid, weights.Matrix, (float*)panels.Pointer);
        var product = new WinogradProduct(engine, grid, inputs, (float*)panels.Pointer, output, epilogue);
        // Once, where all fit.
        var all = grid.ColumnPanelsAtOnce == grid.ColumnPanels;
        if (all) filters.Run(0, grid.ColumnPanels);
        ForEachPart(grid.RowPanels, grid.RowPanelsAtOnce, (firstRow, rows) =>
        {
            var done = 0;
            ForEachPart(grid.Output.Frames, grid.FramesAtOnce, (firstFrame, frames) =>
            {
                var (first, end) = Reads(grid, firstFrame, frames);
                inputs.Run(Math.Max(first, done), end, firstRow, rows);
                done = Math.Max(done, end);
                ForEachPart(grid.ColumnPanels, grid.ColumnPanelsAtOnce, (firstColumn, columns) =>
                {
                    if (!all) filters.Run(firstColumn, columns);
                    product.Run(firstFrame, frames, firstRow, rows, firstColumn, columns);
                });
            });
        });
    }

    /// <summary>The input frames that some output frames read: the first, and one past the last.</summary>
    private static (int First, int End) Reads(WinogradGrid grid, int firstFrame, int frames)
    {
        var time = grid.Geometry.Time;
        var first = firstFrame * time.Stride - time.PadBefore;
        var end = (firstFrame + frames - 1) * time.Stride - time.PadBefore + time.Kernel;
        return (Math.Max(0, first), Math.Min(grid.Input.Frames, end));
    }

    private static void ForEachPart(int items, int most, Action<int, int> body)
    {
        for (var first = 0; first < items; first += most) body(first, Math.Min(most, items - first));
    }
}
