using System.Numerics;

namespace OnDeviceSora.Tensors.Cpu.Winograd;

/// <summary>
/// A task of the product: 36 sums over time and input channels for some tiles of an output frame and some output channels, which
/// are then turned into outputs and stored through the epilogue.
/// </summary>
internal sealed unsafe class WinogradProduct(ComputeEngine engine, WinogradGrid grid, WinogradInputs inputs, float* filters, Tensor output, Epilogue epilogue)
{
    /// <summary>Depth that one sweep of the micro-kernel covers.</summary>
    private const int SweepDepth = 256;

    private const int Outputs = WinogradTransforms.TileSide * WinogradTransforms.TileSide;

    private readonly int _columns = WinogradGrid.TaskColumnPanels * grid.TileColumns;

    /// <summary>Computes some output frames of a block of row panels for some column panels, whose transformed inputs and filters are there.</summary>
    public void Run(int firstFrame, int frames, int firstRowPanel, int rowPanels, int firstColumnPanel, int columnPanels)
    {
        var rowTasks = WinogradGrid.Parts(rowPanels, WinogradGrid.TaskRowPanels);
        var columnTasks = WinogradGrid.Parts(columnPanels, WinogradGrid.TaskColumnPanels);
        engine.Team.For(frames * rowTasks * columnTasks, (item, thread) =>
        {
            var (line, row) = Math.DivRem(item, rowTasks);
            var (column, frame) = Math.DivRem(line, frames);
            var (rowStart, columnStart) = (row * WinogradGrid.TaskRowPanels, column * WinogradGrid.TaskColumnPanels);
            var rows = Math.Min(WinogradGrid.TaskRowPanels, rowPanels - rowStart);
            var columns = Math.Min(WinogradGrid.TaskColumnPanels, columnPanels - columnStart);
            var sums = engine.Scratch.Take(thread, grid.ThreadFloats);
            Sum(firstFrame + frame, rowStart, rows, columnStart, columns, sums);
            Store(firstFrame + frame, (firstRowPanel + rowStart) * grid.TileRows, rows * grid.TileRows, (firstColumnPanel + columnStart) * grid.TileColumns, sums);
        });
    }

    private void Sum(int frame, int rowPanel, int rows, int columnPanel, int columns, float* sums)
    {
        var panelFloats = (nint)grid.Depth * grid.TileColumns;
        for (var product = 0; product < WinogradTransforms.Products; product++, sums += grid.SumStride)
        {
            var b = filters + product * (nint)grid.FilterStride + columnPanel * panelFloats;
            for (var column = 0; column < columns; column++, b += panelFloats) SumPanel(product, frame, rowPanel, rows, b, sums + column * grid.TileColumns);
        }
    }

    /// <summary>One panel of filters against the row panels of all frames that it reaches.</summary>
    private void SumPanel(int product, int frame, int rowPanel, int rows, float* b, float* tile)
    {
        var accumulate = false;
        for (var time = 0; time < grid.Geometry.Time.Kernel; time++)
        {
            var read = frame * grid.Geometry.Time.Stride + time - grid.Geometry.Time.PadBefore;
            if ((uint)read >= (uint)grid.Input.Frames) continue;
            for (var depth = 0; depth < grid.Channels; depth += SweepDepth, accumulate = true)
            {
                Sweep(product, read, rowPanel, rows, depth, b + (time * grid.Channels + depth) * grid.TileColumns, tile, accumulate);
            }
        }
        // All of the taps are padding.
        if (!accumulate) Sweep(product, 0, rowPanel, rows, grid.Channels, b, tile, accumulate);
    }

    private void Sweep(int product, int read, int rowPanel, int rows, int depthStart, float* b, float* tile, bool accumulate)
    {
        var depth = Math.Min(SweepDepth, grid.Channels - depthStart);
        var a = inputs.Panel(read, rowPanel) + ((nint)product * grid.Channels + depthStart) * grid.TileRows;
        for (var row = 0; row < rows; row++, a += grid.RowPanelFloats, tile += grid.TileRows * _columns) engine.Kernel.Run(a, b, depth, tile, _columns, accumulate);
    }

    private void Store(int frame, int firstTile, int rows, int column, float* sums)
    {
        var outputs = sums + (nint)grid.SumStride * WinogradTransforms.Products;
        var between = stackalloc float[WinogradTransforms.TileSide * WinogradTransforms.PatchSide * Vector<float>.Count];
        var count = Math.Min(_columns, output.Shape[-1] - column);
        for (var tile = firstTile; tile < Math.Min(firstTile + rows, grid.Tiles); tile++, sums += _columns)
        {
            for (var c = 0; c < count; c += Vector<float>.Count) WinogradTransforms.Output(sums + c, grid.SumStride, between, outputs + c, _columns);
            StoreTile(frame, tile, column, count, outputs);
        }
    }

    /// <summary>Stores those outputs of a tile that lie in the picture.</summary>
    private void StoreTile(int frame, int tile, int column, int count, float* outputs)
    {
        var (row, across) = Math.DivRem(tile, grid.TilesAcross);
        for (var i = 0; i < Outputs; i++, outputs += _columns)
        {
            var (y, x) = (row * WinogradTransforms.TileSide + i / WinogradTransforms.TileSide, across * WinogradTransforms.TileSide + i % WinogradTransforms.TileSide);
            if (y >= grid.Output.Height || x >= grid.Output.Width) continue;
            epilogue.Store(outputs, ((long)frame * grid.Output.Height + y) * grid.Output.Width + x, column, count, output.Pointer, output.Shape[-1]);
        }
    }
}
