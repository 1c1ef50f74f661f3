namespace OnDeviceSora.Tensors;

/// <summary>Moves the channel axis: checkpoints and latents are channels-first, convolutions here channels-last.</summary>
public static class ChannelOrder
{
    /// <summary>Copies <c>[channels, positions]</c> to <c>[positions, channels]</c>.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Values whose first axis is the channel.</param>
    /// <param name="output">Receives the values, channel last; must not overlap.</param>
    /// <exception cref="ArgumentException">The channels or lengths differ.</exception>
    public static void ToLast(ComputeEngine engine, Tensor x, Tensor output)
    {
        if (output.Length != x.Length || output.Shape[-1] != x.Shape[0]) throw new ArgumentException($"Output {output.Shape} does not fit {x.Shape}.", nameof(output));
        if (x.Length > 0) Transpose(engine, x, x.Shape[0], x.Length / x.Shape[0], output);
    }

    /// <summary>Copies <c>[positions, channels]</c> to <c>[channels, positions]</c>.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Values whose last axis is the channel.</param>
    /// <param name="output">Receives the values, channel first; must not overlap.</param>
    /// <exception cref="ArgumentException">The channels or lengths differ.</exception>
    public static void ToFirst(ComputeEngine engine, Tensor x, Tensor output)
    {
        if (output.Length != x.Length || output.Shape[0] != x.Shape[-1]) throw new ArgumentException($"Output {output.Shape} does not fit {x.Shape}.", nameof(output));
        if (x.Length > 0) Transpose(engine, x, x.Length / x.Shape[-1], x.Shape[-1], output);
    }

    private static unsafe void Transpose(ComputeEngine engine, Tensor x, long rows, long columns, Tensor output) =>
        RowBlocks.For(engine, columns, rows, (first, end) =>
        {
            for (var column = first; column < end; column++)
            {
                var target = output.Pointer + column * rows;
                for (var row = 0L; row < rows; row++) target[row] = x.Pointer[row * columns + column];
            }
        });
}
