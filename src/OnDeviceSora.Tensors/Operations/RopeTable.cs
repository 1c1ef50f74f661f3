namespace OnDeviceSora.Tensors;

/// <summary>Cosines and sines of a rotary embedding: position p turns pair i by the angle <c>p * frequency[i]</c>.</summary>
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
    public int HeadSize => 2 * Cosines.Shape[1];

    internal Tensor Cosines { get; }

    internal Tensor Sines { get; }

    /// <summary>Builds the table for positions 0 to <paramref name="positions"/> - 1.</summary>
    /// <param name="engine">The engine whose memory holds it.</param>
    /// <param name="frequencies">Radians per position for each pair of channels, <c>[head size / 2]</c>.</param>
    /// <param name="positions">Positions, 0 or more.</param>
    public static RopeTable Create(ComputeEngine engine, ReadOnlySpan<float> frequencies, int positions)
    {
        var cosines = engine.Allocate(positions, frequencies.Length);
        var sines = engine.Allocate(positions, frequencies.Length);
        for (var position = 0; position < positions; position++)
        {
            for (var pair = 0; pair < frequencies.Length; pair++)
            {
                // The angle is rounded to float first, as the reference does.
                var angle = position * frequencies[pair];
                cosines.Span[position * frequencies.Length + pair] = MathF.Cos(angle);
                sines.Span[position * frequencies.Length + pair] = MathF.Sin(angle);
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
