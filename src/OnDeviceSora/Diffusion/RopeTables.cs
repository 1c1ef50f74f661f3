using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>Rotary angles for each frame count that has come up: all frames, and merged ones.</summary>
/// <param name="engine">Whose memory holds the tables.</param>
/// <param name="frequencies">Radians per frame for each pair of channels: the checkpoint's <c>rope.freqs</c>.</param>
internal sealed class RopeTables(ComputeEngine engine, float[] frequencies) : IDisposable
{
    private readonly Dictionary<int, RopeTable> _tables = [];

    /// <summary>The table for a number of frames.</summary>
    public RopeTable For(int frames)
    {
        if (!_tables.TryGetValue(frames, out var table)) _tables[frames] = table = RopeTable.Create(engine, frequencies, frames);
        return table;
    }

    public void Dispose()
    {
        foreach (var table in _tables.Values) table.Dispose();
        _tables.Clear();
    }
}
