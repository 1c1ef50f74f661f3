using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tensors;

/// <summary>
/// Averages neighbouring frames and copies results back: the arithmetic of Temporal Dimension Token Merging (paper, section
/// 5.2). T frames become M = max(1, T / 2), a last odd frame having no part in any average; frame t takes merged frame
/// min(t / 2, M - 1).
/// </summary>
public static unsafe class FramePairs
{
    /// <summary>Merged frames for a number of frames.</summary>
    public static int MergedCount(int frames) => Math.Max(1, frames / 2);

    /// <summary>Computes the mean of frames 2k and 2k + 1.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Frames <c>[batch, T, ...]</c>, T at least 2.</param>
    /// <param name="output">Receives <c>[batch, T / 2, ...]</c>.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Average(ComputeEngine engine, Tensor x, Tensor output)
    {
        var (batch, frames, merged) = (x.Shape[0], x.Shape[1], x.Shape[1] / 2);
        if (frames < 2) throw new ArgumentException($"{x.Shape} has no pair of frames.", nameof(x));
        var length = x.Length / Math.Max(1, batch) / frames;
        if (output.Length != batch * merged * length) throw new ArgumentException($"Output {output.Shape} does not fit {x.Shape} halved.", nameof(output));
        RowBlocks.For(engine, (long)batch * merged, length, (first, end) =>
        {
            for (var row = first; row < end; row++)
            {
                var (item, frame) = Math.DivRem(row, merged);
                var source = x.Pointer + (item * frames + 2 * frame) * length;
                AverageTwo(source, source + length, output.Pointer + row * length, length);
            }
        });
    }

    /// <summary>Adds each merged frame to the frames it stands for: <c>x += gate * expand(merged)</c>.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Frames <c>[batch, T, positions, width]</c>, changed in place.</param>
    /// <param name="merged">Merged frames <c>[batch, M, positions, width]</c>.</param>
    /// <param name="gate">Factors <c>[groups, width]</c>, or <c>null</c> for 1; row r of x (counting positions) takes group r / <paramref name="rowsPerGate"/>.</param>
    /// <param name="rowsPerGate">Rows that share one row of the gate.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void AddExpanded(ComputeEngine engine, Tensor x, Tensor merged, Tensor? gate, int rowsPerGate)
    {
        if (x.Shape.Rank != 4) throw new ArgumentException($"{x.Shape} should be [batch, frames, positions, width].", nameof(x));
        var (batch, frames, positions, width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        var mergedFrames = MergedCount(frames);
        if (merged.Length != (long)batch * mergedFrames * positions * width) throw new ArgumentException($"Merged {merged.Shape} does not fit {x.Shape}.", nameof(merged));
        if (gate is not null) CheckGate(gate, rowsPerGate, x.Shape.Rows, width);
        RowBlocks.For(engine, (long)batch * frames * positions, width, (first, end) =>
        {
            for (var row = first; row < end; row++)
            {
                var (line, position) = Math.DivRem(row, positions);
                var (item, frame) = Math.DivRem(line, frames);
                var source = (item * mergedFrames + Math.Min(frame / 2, mergedFrames - 1)) * positions + position;
                AddRow(x.Pointer + row * width, merged.Pointer + source * width, gate is null ? null : gate.Pointer + row / rowsPerGate * width, width);
            }
        });
    }

    private static void CheckGate(Tensor gate, int rowsPerGate, long rows, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerGate, 1);
        var groups = (rows + rowsPerGate - 1) / rowsPerGate;
        if (gate.Length < groups * width) throw new ArgumentException($"Gate {gate.Shape} does not fit {groups} groups of {width}.", nameof(gate));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AverageTwo(float* a, float* b, float* output, long count)
    {
        var half = new Vector<float>(0.5f);
        var i = 0L;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) ((Vector.Load(a + i) + Vector.Load(b + i)) * half).Store(output + i);
        for (; i < count; i++) output[i] = (a[i] + b[i]) * 0.5f;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow(float* x, float* source, float* gate, int count)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = Vector.Load(source + i);
            if (gate is not null) value *= Vector.Load(gate + i);
            (Vector.Load(x + i) + value).Store(x + i);
        }
        for (; i < count; i++) x[i] += gate is null ? source[i] : source[i] * gate[i];
    }
}
