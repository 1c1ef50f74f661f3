using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace OnDeviceSora.Checkpoints;

/// <summary>
/// Converts single-precision weights to what a package stores, rounding to nearest, ties to even. Every lane holds one weight;
/// the remainder that does not fill a vector goes through the scalar code, which does the same. The inputs must be finite and,
/// for half precision, at most 65504 in magnitude: <see cref="LargestBits"/> tells.
/// </summary>
internal static class WeightConversion
{
    /// <summary>The bits of the smallest magnitude that is not finite.</summary>
    public const uint InfinityBits = 0x7F80_0000;

    /// <summary>The largest magnitude of half precision.</summary>
    public const float LargestHalf = 65504;

    /// <summary>The largest magnitude that does not round to infinity as bfloat16.</summary>
    public static readonly float LargestBFloat16 = BitConverter.UInt32BitsToSingle(0x7F7F_7FFF);

    // Added to a number below 2^22 in magnitude, 1.5 x 2^23 leaves that number, rounded, in the lowest bits.
    private const float RoundingMagic = 12_582_912;

    /// <summary>The bits of the largest magnitude; NaN and infinity count as larger than every number.</summary>
    public static uint LargestBits(ReadOnlySpan<float> values)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var magnitude = new Vector<uint>(0x7FFF_FFFF);
        var largest = Vector<uint>.Zero;
        var i = 0;
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
            largest = Vector.Max(largest, new Vector<uint>(bits[i..]) & magnitude);
        var result = 0u;
        for (var lane = 0; lane < Vector<uint>.Count; lane++) result = Math.Max(result, largest[lane]);
        for (; i < bits.Length; i++) result = Math.Max(result, bits[i] & 0x7FFF_FFFF);
        return result;
    }

    /// <summary>Rounds to bfloat16, the upper half of a float.</summary>
    public static void ToBFloat16(ReadOnlySpan<float> values, Span<ushort> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var (one, half) = (Vector<uint>.One, new Vector<uint>(0x7FFF));
        var i = 0;
        for (; i <= bits.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var low = new Vector<uint>(bits[i..]);
            var high = new Vector<uint>(bits[(i + Vector<uint>.Count)..]);
            low = (low + half + ((low >>> 16) & one)) >>> 16;
            high = (high + half + ((high >>> 16) & one)) >>> 16;
            Vector.Narrow(low, high).CopyTo(destination[i..]);
        }

        for (; i < bits.Length; i++) destination[i] = (ushort)((bits[i] + 0x7FFF + ((bits[i] >> 16) & 1)) >> 16);
        ToLittleEndian(destination[..bits.Length]);
    }

    /// <summary>Rounds to IEEE half precision.</summary>
    public static void ToHalf(ReadOnlySpan<float> values, Span<ushort> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var i = 0;
        for (; i <= bits.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Narrow(HalfBits(new Vector<uint>(bits[i..])), HalfBits(new Vector<uint>(bits[(i + Vector<uint>.Count)..])))
                .CopyTo(destination[i..]);
        }

        for (; i < bits.Length; i++) destination[i] = BitConverter.HalfToUInt16Bits((Half)values[i]);
        ToLittleEndian(destination[..bits.Length]);
    }

    /// <summary>Rounds every weight to a multiple of a scale.</summary>
    /// <param name="row">The weights, at most 127 scales in magnitude.</param>
    /// <param name="scale">The scale, a normal number above zero.</param>
    /// <param name="destination">Receives the multiples, -127 to 127.</param>
    public static void Quantise(ReadOnlySpan<float> row, float scale, Span<sbyte> destination)
    {
        var (step, magic) = (new Vector<float>(scale), new Vector<float>(RoundingMagic));
        var lanes = Vector<float>.Count;
        var i = 0;
        for (; i <= row.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            var first = Vector.Narrow(Multiple(row[i..]), Multiple(row[(i + lanes)..]));
            var second = Vector.Narrow(Multiple(row[(i + (2 * lanes))..]), Multiple(row[(i + (3 * lanes))..]));
            Vector.Narrow(first, second).CopyTo(destination[i..]);
        }

        for (; i < row.Length; i++) destination[i] = (sbyte)(BitConverter.SingleToInt32Bits((row[i] / scale) + RoundingMagic) - BitConverter.SingleToInt32Bits(RoundingMagic));

        Vector<int> Multiple(ReadOnlySpan<float> values) =>
            Vector.AsVectorInt32((new Vector<float>(values) / step) + magic) - Vector.AsVectorInt32(magic);
    }

    /// <summary>The weights that quantised ones stand for.</summary>
    public static void Dequantise(ReadOnlySpan<sbyte> row, float scale, Span<float> destination)
    {
        var step = new Vector<float>(scale);
        var lanes = Vector<float>.Count;
        var i = 0;
        for (; i <= row.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(row[i..]), out var first, out var second);
            Vector.Widen(first, out var a, out var b);
            Vector.Widen(second, out var c, out var d);
            (Vector.ConvertToSingle(a) * step).CopyTo(destination[i..]);
            (Vector.ConvertToSingle(b) * step).CopyTo(destination[(i + lanes)..]);
            (Vector.ConvertToSingle(c) * step).CopyTo(destination[(i + (2 * lanes))..]);
            (Vector.ConvertToSingle(d) * step).CopyTo(destination[(i + (3 * lanes))..]);
        }

        for (; i < row.Length; i++) destination[i] = row[i] * scale;
    }

    /// <summary>The sums of squares of the weights and of what conversion changed, for an error of norms.</summary>
    public static (double Weights, double Changes) Squares(ReadOnlySpan<float> weights, ReadOnlySpan<float> converted)
    {
        // Sums of a few thousand in single precision, sums of those in double.
        const int run = 4096;
        var (all, changed) = (0.0, 0.0);
        for (var start = 0; start < weights.Length; start += run)
        {
            var count = Math.Min(run, weights.Length - start);
            var (w, c) = SquaresOfRun(weights.Slice(start, count), converted.Slice(start, count));
            (all, changed) = (all + w, changed + c);
        }

        return (all, changed);
    }

    private static (double, double) SquaresOfRun(ReadOnlySpan<float> weights, ReadOnlySpan<float> converted)
    {
        var (all, changed) = (Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var w = new Vector<float>(weights[i..]);
            var change = w - new Vector<float>(converted[i..]);
            all += w * w;
            changed += change * change;
        }

        var (sum, changes) = ((double)Vector.Sum(all), (double)Vector.Sum(changed));
        for (; i < weights.Length; i++)
        {
            var change = weights[i] - converted[i];
            sum += weights[i] * weights[i];
            changes += change * change;
        }

        return (sum, changes);
    }

    private static Vector<uint> HalfBits(Vector<uint> bits)
    {
        var magnitude = bits & new Vector<uint>(0x7FFF_FFFF);
        var sign = (bits ^ magnitude) >>> 16;
        // Normal halves: the exponent is rebased and the 13 bits that go are rounded off.
        var odd = (magnitude >>> 13) & Vector<uint>.One;
        var normal = (magnitude + new Vector<uint>(unchecked((uint)((15 - 127) << 23) + 0xFFF)) + odd) >>> 13;
        // Below 2^-14: adding one half makes the hardware round to a multiple of 2^-24 in the lowest bits.
        var half = new Vector<float>(0.5f);
        var subnormal = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) + half) - Vector.AsVectorUInt32(half);
        return Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<uint>(0x3880_0000)), subnormal, normal) | sign;
    }

    private static void ToLittleEndian(Span<ushort> values)
    {
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(values, values);
    }
}
