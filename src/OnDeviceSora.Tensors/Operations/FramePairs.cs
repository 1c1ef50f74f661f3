using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tensors;

/// <summary>
/// Pairs of neighbouring frames: the arithmetic of Temporal Dimension Token Merging (paper, section 5.2). Operations that read pairs take
/// the mean of frames 2k and 2k + 1, a last odd frame having no part in it; those that write pairs store each row into all frames
/// that it stands for: frame t takes merged frame min(t / 2, M - 1) of M = T / 2.
/// </summary>
public readonly record struct FramePairs
{
    private readonly long _length;
    private readonly long _mergedLength;

    /// <summary>Pairs of the frames of a batch.</summary>
    /// <param name="frames">Frames T of each item, at least 2.</param>
    /// <param name="positions">Rows of a frame, at least 1.</param>
    public FramePairs(int frames, int positions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(positions, 1);
        (Frames, Positions) = (frames, positions);
        (_length, _mergedLength) = ((long)frames * positions, frames / 2L * positions);
    }

    /// <summary>Frames of each item.</summary>
    public int Frames { get; }

    /// <summary>Rows of a frame.</summary>
    public int Positions { get; }

    /// <summary>Merged frames M.</summary>
    public int MergedFrames => Frames / 2;

    /// <summary>Merged rows of so many rows.</summary>
    public long Merged(long rows) => rows / _length * _mergedLength;

    /// <summary>Rows of so many merged rows.</summary>
    public long Expanded(long mergedRows) => mergedRows / _mergedLength * _length;

    /// <summary>Computes the means of pairs of rows.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Frames <c>[batch, T, positions, width]</c>.</param>
    /// <param name="output">Receives <c>[batch, M, positions, width]</c>.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public unsafe void Average(ComputeEngine engine, Tensor x, Tensor output)
    {
        Check(x.Shape.Rows, output.Shape.Rows);
        var (pairs, width) = (this, x.Shape[-1]);
        if (output.Shape[-1] != width) throw new ArgumentException($"Output {output.Shape} does not fit {x.Shape}.", nameof(output));
        RowBlocks.For(engine, output.Shape.Rows, width, (first, end) =>
        {
            for (var row = first; row < end; row++) pairs.AverageRow(x, row, output.Pointer + row * width);
        });
    }

    /// <summary>The same, with the result quantised for the next product.</summary>
    /// <inheritdoc cref="Average(ComputeEngine, Tensor, Tensor)"/>
    public unsafe void Average(ComputeEngine engine, Tensor x, QuantisedRows output)
    {
        Check(x.Shape.Rows, output.Rows);
        var (pairs, width) = (this, x.Shape[-1]);
        if (output.Depth != width) throw new ArgumentException($"Output {output.Rows} x {output.Depth} does not fit {x.Shape}.", nameof(output));
        RowBlocks.For(engine, output.Rows, width, (first, end, thread) =>
        {
            var mean = engine.Scratch.Take(thread, width);
            for (var row = first; row < end; row++)
            {
                pairs.AverageRow(x, row, mean);
                output.Set(row, mean);
            }
        });
    }

    /// <summary>That so many rows are whole items, and so many merged ones theirs.</summary>
    internal void Check(long rows, long mergedRows)
    {
        if (rows % _length != 0) throw new ArgumentException($"{rows} rows are not {Frames} frames of {Positions} each.");
        if (mergedRows != Merged(rows)) throw new ArgumentException($"{mergedRows} merged rows should be {Merged(rows)}, for {rows} rows in {Frames} frames.");
    }

    /// <summary>The first of the two rows whose mean a merged row is; the second lies <see cref="Positions"/> behind it.</summary>
    internal long Source(long mergedRow)
    {
        var (item, within) = Math.DivRem(mergedRow, _mergedLength);
        var (frame, position) = Math.DivRem(within, Positions);
        return item * _length + 2 * frame * Positions + position;
    }

    /// <summary>How many rows a merged row stands for: 2, or 3 with a last odd frame. They lie <see cref="Positions"/> apart from <see cref="Source"/> on.</summary>
    internal int Targets(long mergedRow) => mergedRow % _mergedLength / Positions == MergedFrames - 1 ? 2 + Frames % 2 : 2;

    /// <summary>Computes the means of the elements of two rows.</summary>
    /// <param name="a">One row.</param>
    /// <param name="b">The other.</param>
    /// <param name="output">Receives the means; may be one of the two.</param>
    /// <param name="count">Elements of each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static unsafe void Average(float* a, float* b, float* output, int count)
    {
        var half = new Vector<float>(0.5f);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) ((Vector.Load(a + i) + Vector.Load(b + i)) * half).Store(output + i);
        for (; i < count; i++) output[i] = (a[i] + b[i]) * 0.5f;
    }

    private unsafe void AverageRow(Tensor x, long mergedRow, float* output)
    {
        var width = x.Shape[-1];
        var a = x.Pointer + Source(mergedRow) * width;
        Average(a, a + (long)Positions * width, output, width);
    }
}
