namespace OnDeviceSora.Tensors;

/// <summary>
/// Rotary position embedding over neighbouring channels: position p turns channels (2i, 2i + 1) of a head by the angle
/// <c>p * frequency[i]</c>.
/// </summary>
public sealed class RopeTable : IDisposable
{
    private RopeTable(Tensor cosines, Tensor sines)
    {
        Cosines = cosines;
        Sines = sines;
    }

    /// <summary>Positions there are.</summary>
    public int Positions => Cosines.Shape[0];

    /// <summary>Channels of a head: two for each pair.</summary>
    public int HeadSize => Cosines.Shape[1];

    /// <summary>For each channel the factor of the channel itself, <c>[positions, head size]</c>.</summary>
    internal Tensor Cosines { get; }

    /// <summary>For each channel the factor of its neighbour, <c>[positions, head size]</c>: minus the sine, then the sine.</summary>
    internal Tensor Sines { get; }

    /// <summary>Builds the table for positions 0 to <paramref name="positions"/> - 1.</summary>
    /// <param name="engine">The engine whose memory holds it.</param>
    /// <param name="frequencies">Radians per position for each pair of channels, <c>[head size / 2]</c>.</param>
    /// <param name="positions">Positions, 0 or more.</param>
    public static RopeTable Create(ComputeEngine engine, ReadOnlySpan<float> frequencies, int positions)
    {
        var cosines = engine.Allocate(positions, 2 * frequencies.Length);
        var sines = engine.Allocate(positions, 2 * frequencies.Length);
        for (var position = 0; position < positions; position++)
        {
            for (var pair = 0; pair < frequencies.Length; pair++)
            {
                // The angle is rounded to float first, as the reference does.
                var angle = position * frequencies[pair];
                var first = 2 * (position * frequencies.Length + pair);
                cosines.Span[first] = cosines.Span[first + 1] = MathF.Cos(angle);
                sines.Span[first + 1] = MathF.Sin(angle);
                sines.Span[first] = -sines.Span[first + 1];
            }
        }
        return new RopeTable(cosines, sines);
    }

    /// <summary>Frees the table.</summary>
    public void Dispose()
    {
        Cosines.Dispose();
        Sines.Dispose();
    }
}
