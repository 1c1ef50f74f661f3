using System.Numerics;

namespace OnDeviceSora.Bench.Synthesis;

/// <summary>
/// Uniform numbers from a key and a position, so that any part of a tensor can be made on its own, in any order: the finaliser
/// of MurmurHash3 over position and key. The same numbers on every machine.
/// </summary>
internal static class CounterNoise
{
    private const uint Stride = 0x9E37_79B9, First = 0x85EB_CA6B, Second = 0xC2B2_AE35;
    private const float ToUnit = 1f / (1u << 31);

    /// <summary>Writes <c>centre + spread x u</c>, u uniform from -1 to 1.</summary>
    /// <param name="key">Which sequence.</param>
    /// <param name="position">The first number's position in it.</param>
    /// <param name="centre">The mean.</param>
    /// <param name="spread">The largest distance from the mean.</param>
    /// <param name="destination">Receives the numbers.</param>
    public static void Fill(ulong key, long position, float centre, float spread, Span<float> destination)
    {
        var lanes = Vector<uint>.Count;
        var (middle, scale) = (new Vector<float>(centre), new Vector<float>(spread * ToUnit));
        var i = 0;
        while (i < destination.Length)
        {
            // Positions are 32 bits wide within a run; the run is part of the key.
            var at = position + i;
            var runKey = Mix((uint)key ^ Mix((uint)(key >> 32) + (uint)(at >> 32) + 1));
            var count = (int)Math.Min(destination.Length - i, (1L << 32) - (at & uint.MaxValue));
            var counter = (Vector<uint>.Indices + new Vector<uint>((uint)at)) * Stride + new Vector<uint>(runKey);
            var step = new Vector<uint>(unchecked((uint)lanes * Stride));
            var end = i + count;
            for (; i <= end - lanes; i += lanes, counter += step)
                (middle + (Vector.ConvertToSingle(Vector.AsVectorInt32(Mix(counter))) * scale)).CopyTo(destination[i..]);
            for (; i < end; i++)
                destination[i] = centre + ((int)Mix(((uint)(position + i) * Stride) + runKey) * (spread * ToUnit));
        }
    }

    private static Vector<uint> Mix(Vector<uint> x)
    {
        x ^= x >>> 16;
        x *= First;
        x ^= x >>> 13;
        x *= Second;
        return x ^ (x >>> 16);
    }

    private static uint Mix(uint x)
    {
        x ^= x >> 16;
        x *= First;
        x ^= x >> 13;
        x *= Second;
        return x ^ (x >> 16);
    }
}
