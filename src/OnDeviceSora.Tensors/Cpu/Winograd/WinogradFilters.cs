using System.Numerics;

namespace OnDeviceSora.Tensors.Cpu.Winograd;

/// <summary>Transforms the filters of some output channels from their packed panels to 36 sets of panels.</summary>
internal sealed unsafe class WinogradFilters(ComputeEngine engine, WinogradGrid grid, PackedMatrix weights, float* target)
{
    private const int Taps = WinogradTransforms.KernelSide * WinogradTransforms.KernelSide;

    private readonly int _slices = WinogradGrid.Parts(grid.Channels, WinogradGrid.FilterDepth);

    /// <summary>Transforms some column panels. Afterwards those of product f are <c>[column panel][depth][tile columns]</c>, from f times the grid's stride on.</summary>
    public void Run(int firstPanel, int panels)
    {
        var times = grid.Geometry.Time.Kernel;
        engine.Team.For(panels * times * _slices, (item, thread) =>
        {
            var (line, slice) = Math.DivRem(item, _slices);
            var (panel, time) = Math.DivRem(line, times);
            var channel = slice * WinogradGrid.FilterDepth;
            var depth = Math.Min(WinogradGrid.FilterDepth, grid.Channels - channel);
            Transform(firstPanel + panel, time, channel, depth, thread, target + ((nint)panel * grid.Depth + time * grid.Channels + channel) * grid.TileColumns);
        });
    }

    private void Transform(int panel, int time, int channel, int depth, int thread, float* to)
    {
        var taps = stackalloc float*[Taps];
        var widened = engine.Scratch.Take(thread, (long)Taps * depth * grid.TileColumns);
        for (var tap = 0; tap < Taps; tap++)
        {
            taps[tap] = Floats(panel, (time * Taps + tap) * grid.Channels + channel, depth, widened + (nint)tap * depth * grid.TileColumns);
        }
        var between = stackalloc float[WinogradTransforms.PatchSide * WinogradTransforms.KernelSide * Vector<float>.Count];
        for (var i = 0; i < depth * grid.TileColumns; i += Vector<float>.Count)
        {
            WinogradTransforms.Filter(taps, i, between, to + i, (nint)grid.FilterStride);
        }
    }

    private float* Floats(int panel, int depthStart, int depth, float* widened)
    {
        var stored = weights.Panel(panel, depthStart);
        if (weights.Type == DataType.F32) return (float*)stored;
        WeightWidening.Run(weights.Type, stored, weights.Scales(panel), depth, grid.TileColumns, widened);
        return widened;
    }
}
