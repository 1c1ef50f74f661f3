namespace OnDeviceSora.Tensors;

/// <summary>Doubles height and width by repeating every position.</summary>
public static class UpsampleNearest
{
    /// <summary>Doubles each frame.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Frames <c>[frames, height, width, channels]</c>.</param>
    /// <param name="output">Receives <c>[frames, 2 height, 2 width, channels]</c>; must not overlap.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static unsafe void Run(ComputeEngine engine, Tensor x, Tensor output)
    {
        var (frames, height, width, channels) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        if (!output.Shape.Equals(new Shape(frames, 2 * height, 2 * width, channels))) throw new ArgumentException($"Output {output.Shape} should be twice {x.Shape}.", nameof(output));
        var (line, doubled) = ((long)width * channels, 2L * width * channels);
        RowBlocks.For(engine, 2L * frames * height, doubled, (first, end) =>
        {
            for (var row = first; row < end; row++)
            {
                var source = new ReadOnlySpan<float>(x.Pointer + row / 2 * line, (int)line);
                var target = new Span<float>(output.Pointer + row * doubled, (int)doubled);
                for (var column = 0; column < width; column++)
                {
                    var position = source.Slice(column * channels, channels);
                    position.CopyTo(target[(2 * column * channels)..]);
                    position.CopyTo(target[((2 * column + 1) * channels)..]);
                }
            }
        });
    }
}
