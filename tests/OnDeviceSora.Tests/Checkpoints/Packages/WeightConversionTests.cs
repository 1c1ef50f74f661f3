using System.Runtime.InteropServices;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints.Packages;

/// <summary>The vector conversions against the plainest arithmetic, at every length and at the numbers where rounding turns.</summary>
public sealed class WeightConversionTests
{
    [Fact]
    public void Halves_round_as_the_runtime_does_it()
    {
        var values = Around(Enumerable.Range(0, 0x7C00).Select(h => (float)BitConverter.UInt16BitsToHalf((ushort)h)))
            .Where(v => MathF.Abs(v) <= WeightConversion.LargestHalf).ToArray();
        var halves = new ushort[values.Length];
        WeightConversion.ToHalf(values, halves);
        Assert.Equal(values.Select(v => BitConverter.HalfToUInt16Bits((Half)v)), halves);
    }

    [Fact]
    public void Bfloat16_rounds_to_the_nearest_with_ties_to_even()
    {
        var values = Around(Enumerable.Range(0, 0x7F7F).Select(h => BitConverter.UInt32BitsToSingle((uint)h << 16)))
            .Where(v => MathF.Abs(v) <= WeightConversion.LargestBFloat16).ToArray();
        var halves = new ushort[values.Length];
        WeightConversion.ToBFloat16(values, halves);
        for (var i = 0; i < values.Length; i++) Assert.Equal(NearestBFloat16(values[i]), halves[i]);
    }

    [Fact]
    public void Quantised_weights_are_the_nearest_multiples()
    {
        foreach (var length in Enumerable.Range(0, 140))
        {
            var row = Values(length, length);
            var scale = row.Select(MathF.Abs).Append(1e-3f).Max() / 127;
            var quantised = new sbyte[length];
            WeightConversion.Quantise(row, scale, quantised);
            Assert.Equal(row.Select(v => (sbyte)MathF.Round(v / scale, MidpointRounding.ToEven)), quantised);
            var back = new float[length];
            WeightConversion.Dequantise(quantised, scale, back);
            Assert.Equal(quantised.Select(q => q * scale), back);
        }
    }

    [Fact]
    public void Halves_between_multiples_go_to_the_even_one()
    {
        float[] row = [-127, -2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 126.5f, 127, .. new float[64]];
        var quantised = new sbyte[row.Length];
        WeightConversion.Quantise(row, 1, quantised);
        Assert.Equal([-127, -2, -2, 0, 0, 2, 2, 126, 127], quantised[..9]);
    }

    [Theory]
    [InlineData(1), InlineData(7), InlineData(16), InlineData(33), InlineData(100)]
    public void The_largest_magnitude_is_found_wherever_it_is(int length)
    {
        for (var at = 0; at < length; at++)
        {
            var values = Values(length, 5);
            values[at] = -1000;
            Assert.Equal(1000, BitConverter.UInt32BitsToSingle(WeightConversion.LargestBits(values)));
            foreach (var wrong in (float[])[float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity])
            {
                values[at] = wrong;
                Assert.True(WeightConversion.LargestBits(values) >= WeightConversion.InfinityBits);
            }
        }
    }

    [Fact]
    public void Squares_are_summed_at_every_length()
    {
        foreach (var length in (int[])[0, 1, 5, 31, 4095, 4097, 20_000])
        {
            float[] weights = Values(length, 1), converted = Values(length, 2);
            var (all, changed) = WeightConversion.Squares(weights, converted);
            Assert.Equal(weights.Sum(w => (double)w * w), all, 1e-5 * (length + 1));
            Assert.Equal(weights.Zip(converted).Sum(p => Math.Pow(p.First - p.Second, 2)), changed, 1e-5 * (length + 1));
        }
    }

    [Fact]
    public void Conversions_leave_what_follows_alone()
    {
        foreach (var length in Enumerable.Range(0, 70))
        {
            var halves = Enumerable.Repeat((ushort)0xABCD, length + 1).ToArray();
            WeightConversion.ToBFloat16(Values(length, 3), halves.AsSpan(0, length));
            WeightConversion.ToHalf(Values(length, 3), halves.AsSpan(0, length));
            Assert.Equal(0xABCD, halves[length]);
            Assert.Equal(Values(length, 3).Select(v => BitConverter.HalfToUInt16Bits((Half)v)), halves[..length]);
        }
    }

    private static float[] Values(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    /// <summary>Each number, its neighbours, the ties between it and the next, and all of them negative.</summary>
    private static IEnumerable<float> Around(IEnumerable<float> values)
    {
        var all = values.ToArray();
        for (var i = 0; i + 1 < all.Length; i++)
        {
            var tie = (float)(((double)all[i] + all[i + 1]) / 2);
            foreach (var v in (float[])[all[i], MathF.BitIncrement(all[i]), MathF.BitDecrement(all[i]), tie, MathF.BitIncrement(tie), MathF.BitDecrement(tie)])
            {
                yield return v;
                yield return -v;
            }
        }
    }

    private static ushort NearestBFloat16(float value)
    {
        var bits = MemoryMarshal.Cast<float, uint>([value])[0];
        var (low, high) = ((ushort)(bits >> 16), (ushort)((bits >> 16) + 1));
        double below = Math.Abs((double)value - Wide(low)), above = Math.Abs(Wide(high) - (double)value);
        return below < above || (below == above && low % 2 == 0) ? low : high;

        static double Wide(ushort half) => BitConverter.UInt32BitsToSingle((uint)half << 16);
    }
}
