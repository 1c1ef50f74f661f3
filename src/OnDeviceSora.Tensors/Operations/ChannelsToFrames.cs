namespace OnDeviceSora.Tensors;

/// <summary>Turns channels into frames: channel <c>c * factor + j</c> of frame t becomes channel c of frame <c>factor * t + j</c>.</summary>
public static class ChannelsToFrames
{
    /// <summary>Rearranges a video.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Video <c>[frames, positions..., factor * channels]</c>.</param>
    /// <param name="output">Receives <c>[factor * frames, positions..., channels]</c>; must not overlap.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static unsafe void Run(ComputeEngine engine, Tensor x, Tensor output)
    {
        var (frames, channels) = (x.Shape[0], output.Shape[-1]);
        if (channels == 0 || x.Length != output.Length || x.Shape[-1] % channels != 0 || output.Shape[0] != frames * (x.Shape[-1] / channels)) throw new ArgumentException($"Output {output.Shape} does not fit {x.Shape}.", nameof(output));
        if (x.Length == 0) return;
        var factor = x.Shape[-1] / channels;
        var positions = x.Length / frames / x.Shape[-1];
        RowBlocks.For(engine, frames * positions, x.Shape[-1], (first, end) =>
        {
            for (var row = first; row < end; row++)
            {
                var (frame, position) = Math.DivRem(row, positions);
                var source = x.Pointer + row * channels * factor;
                for (var j = 0; j < factor; j++)
                {
                    var target = output.Pointer + ((frame * factor + j) * positions + position) * channels;
                    for (var c = 0; c < channels; c++) target[c] = source[c * factor + j];
                }
            }
        });
    }
}
