using System.Numerics;
using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>
/// Group normalisation of channels-last data, optionally followed by SiLU: each group of channels of an item is brought to
/// mean 0 and variance 1 over all its positions, then scaled and shifted by channel.
/// </summary>
public static unsafe class GroupNorm
{
    /// <summary>Positions whose sums are kept in single precision before they join the total.</summary>
    private const int PositionsPerSum = 128;

    /// <summary>Normalises <paramref name="x"/>.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Data <c>[items, positions, channels]</c>; further axes between the first and the last count as positions.</param>
    /// <param name="groups">Groups; divides the channels.</param>
    /// <param name="weight">Factors <c>[channels]</c>.</param>
    /// <param name="bias">Offsets <c>[channels]</c>.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="silu">Whether SiLU follows.</param>
    /// <param name="output">Result, of the same length; may be <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Run(ComputeEngine engine, Tensor x, int groups, Tensor weight, Tensor bias, float epsilon, bool silu, Tensor output)
    {
        var (items, channels) = (x.Shape[0], x.Shape[-1]);
        if (x.Shape.Rank < 2) throw new ArgumentException($"{x.Shape} should be [items, positions, channels].", nameof(x));
        if (groups < 1 || channels % groups != 0) throw new ArgumentException($"{groups} groups do not divide {channels} channels.", nameof(groups));
        if (weight.Length != channels || bias.Length != channels || output.Length != x.Length) throw new ArgumentException($"Weight {weight.Shape}, bias {bias.Shape} or output {output.Shape} does not fit {x.Shape}.");
        if (x.Length == 0) return;
        var positions = x.Length / items / channels;
        using var factors = engine.AllocateFor(MemoryOwner.Scratch, channels);
        using var offsets = engine.AllocateFor(MemoryOwner.Scratch, channels);
        for (var item = 0; item < items; item++)
        {
            var data = x.Pointer + item * positions * channels;
            var target = output.Pointer + item * positions * channels;
            Statistics(engine, data, positions, channels, groups, epsilon, weight, bias, factors, offsets);
            RowBlocks.For(engine, positions, channels, (first, end) =>
            {
                for (var p = first; p < end; p++) Apply(data + p * channels, factors.Pointer, offsets.Pointer, silu, target + p * channels, channels);
            });
        }
        GC.KeepAlive(x);
        GC.KeepAlive(output);
    }

    /// <summary>Bytes of scratch memory for the norm of an item, while it runs.</summary>
    /// <param name="positions">Positions of an item.</param>
    /// <param name="channels">Channels.</param>
    public static long ScratchBytes(long positions, int channels) => sizeof(float) * channels * (2 * ((positions + PositionsPerSum - 1) / PositionsPerSum) + 2);

    /// <summary>Folds mean, variance, weight and bias of each channel into one factor and one offset.</summary>
    private static void Statistics(
        ComputeEngine engine, float* x, long positions, int channels, int groups, float epsilon, Tensor weight, Tensor bias, Tensor factors, Tensor offsets)
    {
        var parts = checked((int)((positions + PositionsPerSum - 1) / PositionsPerSum));
        using var sums = engine.AllocateFor(MemoryOwner.Scratch, parts, channels);
        using var squares = engine.AllocateFor(MemoryOwner.Scratch, parts, channels);
        engine.Team.For(parts, (part, _) =>
        {
            var first = (long)part * PositionsPerSum;
            var row = (long)part * channels;
            SumPart(x + first * channels, CountOf(part, positions), channels, sums.Pointer + row, squares.Pointer + row);
        });
        var groupSize = channels / groups;
        for (var group = 0; group < groups; group++)
        {
            var (mean, variance) = Combine(sums.Pointer, squares.Pointer, positions, parts, channels, group * groupSize, groupSize);
            for (var c = group * groupSize; c < (group + 1) * groupSize; c++)
            {
                var factor = weight.Span[c] / Math.Sqrt(variance + epsilon);
                factors.Span[c] = (float)factor;
                offsets.Span[c] = (float)(bias.Span[c] - mean * factor);
            }
        }
    }

    /// <summary>Mean and variance of a group from the sums of its channels' parts, each with its squares around its own mean (Chan et al. 1979).</summary>
    private static (double Mean, double Variance) Combine(float* sums, float* squares, long positions, int parts, int channels, int firstChannel, int groupSize)
    {
        var (total, centred, count) = (0.0, 0.0, (double)positions * groupSize);
        for (var part = 0; part < parts; part++)
        {
            var row = sums + (long)part * channels + firstChannel;
            for (var c = 0; c < groupSize; c++) total += row[c];
        }
        var mean = total / count;
        for (var part = 0; part < parts; part++)
        {
            var row = (long)part * channels + firstChannel;
            var inPart = CountOf(part, positions);
            for (var c = 0; c < groupSize; c++)
            {
                // The squares are those around the rounded mean of the part.
                var (sum, centre) = (sums[row + c], Centre(sums[row + c], inPart));
                centred += squares[row + c] + (centre - mean) * (2 * ((double)sum - (double)inPart * centre) + inPart * (centre - mean));
            }
        }
        return (mean, Math.Max(0, centred / count));
    }

    private static int CountOf(int part, long positions) => (int)Math.Min(PositionsPerSum, positions - (long)part * PositionsPerSum);

    private static float Centre(float sum, int count) => sum / count;

    /// <summary>Sums by channel, and sums of squared distances from each channel's mean: the second time the values are near.</summary>
    private static void SumPart(float* x, int positions, int channels, float* sums, float* squares)
    {
        var c = 0;
        for (; c <= channels - Vector<float>.Count; c += Vector<float>.Count)
        {
            var sum = Vector<float>.Zero;
            for (var p = 0; p < positions; p++) sum += Vector.Load(x + (long)p * channels + c);
            sum.Store(sums + c);
            var (square, centre) = (Vector<float>.Zero, sum / new Vector<float>(positions));
            for (var p = 0; p < positions; p++)
            {
                var distance = Vector.Load(x + (long)p * channels + c) - centre;
                square = Vector.MultiplyAddEstimate(distance, distance, square);
            }
            square.Store(squares + c);
        }
        for (; c < channels; c++)
        {
            var (sum, square) = (0f, 0f);
            for (var p = 0; p < positions; p++) sum += x[(long)p * channels + c];
            var centre = Centre(sum, positions);
            for (var p = 0; p < positions; p++) square += (x[(long)p * channels + c] - centre) * (x[(long)p * channels + c] - centre);
            (sums[c], squares[c]) = (sum, square);
        }
    }

    private static void Apply(float* x, float* factors, float* offsets, bool silu, float* output, int channels)
    {
        var c = 0;
        for (; c <= channels - Vector<float>.Count; c += Vector<float>.Count)
        {
            var value = Vector.MultiplyAddEstimate(Vector.Load(x + c), Vector.Load(factors + c), Vector.Load(offsets + c));
            (silu ? VectorMath.Silu(value) : value).Store(output + c);
        }
        for (; c < channels; c++)
        {
            var value = x[c] * factors[c] + offsets[c];
            output[c] = silu ? VectorMath.Silu(new Vector<float>(value))[0] : value;
        }
    }
}
