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
    public static long ScratchBytes(long positions, int channels) => sizeof(float) * channels * ((positions + PositionsPerSum - 1) / PositionsPerSum + 3);

    /// <summary>Folds mean, variance, weight and bias of each channel into one factor and one offset.</summary>
    private static void Statistics(
        ComputeEngine engine, float* x, long positions, int channels, int groups, float epsilon, Tensor weight, Tensor bias, Tensor factors, Tensor offsets)
    {
        var groupSize = channels / groups;
        var count = positions * groupSize;
        var means = ByGroup(ChannelSums(engine, x, positions, channels, null), groupSize).Select(sum => sum / count).ToArray();
        using var centres = engine.AllocateFor(MemoryOwner.Scratch, channels);
        for (var c = 0; c < channels; c++) centres.Span[c] = (float)means[c / groupSize];
        var squares = ByGroup(ChannelSums(engine, x, positions, channels, centres), groupSize);
        for (var c = 0; c < channels; c++)
        {
            var group = c / groupSize;
            var centred = squares[group] / count - Math.Pow(means[group] - centres.Span[c], 2);
            var factor = weight.Span[c] / Math.Sqrt(Math.Max(0, centred) + epsilon);
            factors.Span[c] = (float)factor;
            offsets.Span[c] = (float)(bias.Span[c] - means[group] * factor);
        }
    }

    private static double[] ByGroup(double[] channelSums, int groupSize) =>
        [.. channelSums.Chunk(groupSize).Select(group => group.Sum())];

    /// <summary>Sums by channel, or sums of squared distances from <paramref name="centres"/> when those are given.</summary>
    private static double[] ChannelSums(ComputeEngine engine, float* x, long positions, int channels, Tensor? centres)
    {
        var parts = checked((int)((positions + PositionsPerSum - 1) / PositionsPerSum));
        using var sums = engine.AllocateFor(MemoryOwner.Scratch, parts, channels);
        engine.Team.For(parts, (part, _) =>
        {
            var first = (long)part * PositionsPerSum;
            var count = (int)Math.Min(PositionsPerSum, positions - first);
            SumPart(x + first * channels, count, channels, centres is null ? null : centres.Pointer, sums.Pointer + (long)part * channels);
        });
        var totals = new double[channels];
        for (var part = 0; part < parts; part++)
        {
            var row = sums.Pointer + (long)part * channels;
            for (var c = 0; c < channels; c++) totals[c] += row[c];
        }
        return totals;
    }

    private static void SumPart(float* x, int positions, int channels, float* centres, float* sums)
    {
        var c = 0;
        for (; c <= channels - Vector<float>.Count; c += Vector<float>.Count)
        {
            var (sum, centre) = (Vector<float>.Zero, centres is null ? Vector<float>.Zero : Vector.Load(centres + c));
            for (var p = 0; p < positions; p++)
            {
                var value = Vector.Load(x + (long)p * channels + c) - centre;
                sum = centres is null ? sum + value : Vector.MultiplyAddEstimate(value, value, sum);
            }
            sum.Store(sums + c);
        }
        for (; c < channels; c++)
        {
            var sum = 0f;
            for (var p = 0; p < positions; p++)
            {
                var value = x[(long)p * channels + c] - (centres is null ? 0 : centres[c]);
                sum += centres is null ? value : value * value;
            }
            sums[c] = sum;
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
