using System.Numerics;

namespace OnDeviceSora.Tensors.Cpu.Winograd;

/// <summary>
/// Transforms the neighbourhoods of some tiles of some frames and packs them for the micro-kernel: a frame's slot is
/// <c>[row panel][36][channels][tile rows]</c>. Slots are taken in turn, so that each frame is transformed once although several output
/// frames read it.
/// </summary>
internal sealed unsafe class WinogradInputs(ComputeEngine engine, WinogradGrid grid, float* input, float* zeros, float* slots)
{
    /// <summary>The transformed inputs of a row panel of the block at hand.</summary>
    public float* Panel(int frame, int panel) => slots + ((long)(frame % grid.Slots) * grid.RowPanelsAtOnce + panel) * grid.RowPanelFloats;

    /// <summary>Transforms frames <paramref name="first"/> .. <paramref name="end"/> - 1 of a block of row panels.</summary>
    public void Run(int first, int end, int firstPanel, int panels)
    {
        engine.Team.For(Math.Max(0, end - first) * panels, (item, thread) =>
        {
            var (frame, panel) = Math.DivRem(item, panels);
            Transform(first + frame, firstPanel + panel, thread, Panel(first + frame, panel));
        });
    }

    private void Transform(int frame, int panel, int thread, float* target)
    {
        var firstTile = panel * grid.TileRows;
        var tiles = Math.Min(grid.TileRows, grid.Tiles - firstTile);
        var patches = stackalloc float*[tiles * WinogradTransforms.Products];
        for (var tile = 0; tile < tiles; tile++) FindPatch(frame, firstTile + tile, patches + tile * WinogradTransforms.Products);

        var transformed = engine.Scratch.Take(thread, (long)WinogradTransforms.Products * grid.TileRows * WinogradGrid.ChannelStep);
        for (var channel = 0; channel < grid.Channels; channel += WinogradGrid.ChannelStep)
        {
            TransformChannels(patches, tiles, channel, transformed);
            Pack(transformed, tiles, target + (nint)channel * grid.TileRows);
        }
    }

    /// <summary>Transforms one step of channels into <c>[36][tile rows][channels]</c>.</summary>
    private void TransformChannels(float** patches, int tiles, int channel, float* transformed)
    {
        var between = stackalloc float[WinogradTransforms.Products * Vector<float>.Count];
        for (var tile = 0; tile < tiles; tile++, patches += WinogradTransforms.Products, transformed += WinogradGrid.ChannelStep)
        {
            for (var c = 0; c < WinogradGrid.ChannelStep; c += Vector<float>.Count)
            {
                WinogradTransforms.Input(patches, channel + c, between, transformed + c, grid.TileRows * WinogradGrid.ChannelStep);
            }
        }
    }

    private void Pack(float* transformed, int tiles, float* target)
    {
        var rows = stackalloc float*[tiles];
        for (var product = 0; product < WinogradTransforms.Products; product++, target += (nint)grid.Channels * grid.TileRows)
        {
            for (var tile = 0; tile < tiles; tile++) rows[tile] = transformed + (product * grid.TileRows + tile) * WinogradGrid.ChannelStep;
            PanelTranspose.Run(rows, tiles, WinogradGrid.ChannelStep, target, grid.TileRows);
        }
    }

    /// <summary>The 36 positions a tile reads; zeros where they are padding.</summary>
    private void FindPatch(int frame, int tile, float** patch)
    {
        var (row, column) = Math.DivRem(tile, grid.TilesAcross);
        var (top, left) = (row * WinogradTransforms.TileSide - grid.Geometry.Height.PadBefore, column * WinogradTransforms.TileSide - grid.Geometry.Width.PadBefore);
        for (var y = top; y < top + WinogradTransforms.PatchSide; y++)
        {
            for (var x = left; x < left + WinogradTransforms.PatchSide; x++)
            {
                var inside = (uint)y < (uint)grid.Input.Height && (uint)x < (uint)grid.Input.Width;
                *patch++ = inside ? input + (((long)frame * grid.Input.Height + y) * grid.Input.Width + x) * grid.Channels : zeros;
            }
        }
    }
}
