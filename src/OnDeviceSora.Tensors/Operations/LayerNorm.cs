using System.Numerics;
using System.Runtime.CompilerServices;
using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>Layer normalisation without weights, followed by a modulation: <c>LN(x) (1 + scale) + shift</c>.</summary>
public static unsafe class LayerNorm
{
    /// <summary>Normalises each row to mean 0 and variance 1, then scales and shifts it.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Rows <c>[..., width]</c>.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="output">Result, of the same length; may be <paramref name="x"/>. Of merged length with <paramref name="pairs"/>, and apart from <paramref name="x"/>.</param>
    /// <param name="modulation">Shift and scale by group of rows; default none.</param>
    /// <param name="pairs">Frames whose results are averaged in pairs, or <c>null</c> for the result of every row.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Run(ComputeEngine engine, Tensor x, float epsilon, Tensor output, Modulation modulation = default, FramePairs? pairs = null)
    {
        var width = x.Shape[-1];
        if (output.Length != Rows(x, pairs) * width) throw new ArgumentException($"Output {output.Shape} does not fit {x.Shape}.", nameof(output));
        ForRows(engine, x, modulation, pairs, (row, thread) => RunPair(engine, x, row, epsilon, modulation, pairs, output.Pointer + row * width, thread));
    }

    /// <summary>The same, with the result quantised for the next product: <see cref="QuantisedRows"/>.</summary>
    /// <inheritdoc cref="Run(ComputeEngine, Tensor, float, Tensor, Modulation, FramePairs?)"/>
    public static void Run(ComputeEngine engine, Tensor x, float epsilon, QuantisedRows output, Modulation modulation = default, FramePairs? pairs = null)
    {
        if (output.Rows != Rows(x, pairs) || output.Depth != x.Shape[-1]) throw new ArgumentException($"Output {output.Rows} x {output.Depth} does not fit {x.Shape}.", nameof(output));
        ForRows(engine, x, modulation, pairs, (row, thread) =>
        {
            var result = engine.Scratch.Take(thread, 2 * output.Depth) + output.Depth;
            RunPair(engine, x, row, epsilon, modulation, pairs, result, thread);
            output.Set(row, result);
        });
    }

    private static long Rows(Tensor x, FramePairs? pairs)
    {
        pairs?.Check(x.Shape.Rows, pairs.Value.Merged(x.Shape.Rows));
        return pairs?.Merged(x.Shape.Rows) ?? x.Shape.Rows;
    }

    private static void ForRows(ComputeEngine engine, Tensor x, Modulation modulation, FramePairs? pairs, Action<long, int> body)
    {
        if (x.Length == 0) return;
        var width = x.Shape[-1];
        modulation.Check(x.Shape.Rows, width);
        RowBlocks.For(engine, Rows(x, pairs), width, (first, end, thread) =>
        {
            for (var row = first; row < end; row++) body(row, thread);
        });
    }

    /// <summary>A row, or the mean of a pair of rows.</summary>
    private static void RunPair(ComputeEngine engine, Tensor x, long row, float epsilon, Modulation modulation, FramePairs? pairs, float* output, int thread)
    {
        if (pairs is not { } merged)
        {
            RunRow(x, row, epsilon, modulation, output);
            return;
        }
        var width = x.Shape[-1];
        // A result that lies in scratch memory itself begins a row behind.
        var second = engine.Scratch.Take(thread, 2 * width);
        var source = merged.Source(row);
        RunRow(x, source, epsilon, modulation, output);
        RunRow(x, source + merged.Positions, epsilon, modulation, second);
        FramePairs.Average(output, second, output, width);
    }

    private static void RunRow(Tensor x, long row, float epsilon, Modulation modulation, float* output)
    {
        var width = x.Shape[-1];
        var source = x.Pointer + row * width;
        var mean = RowMath.Sum(source, width) / width;
        var factor = 1 / MathF.Sqrt(RowMath.SumOfSquares(source, width, mean) / width + epsilon);
        Store(source, mean, factor, modulation.Shift(row, width), modulation.Scale(row, width), output, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Store(float* x, float mean, float factor, float* shift, float* scale, float* output, int width)
    {
        var (means, factors) = (new Vector<float>(mean), new Vector<float>(factor));
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = (Vector.Load(x + i) - means) * factors;
            if (shift is not null) value = value * (Vector<float>.One + Vector.Load(scale + i)) + Vector.Load(shift + i);
            value.Store(output + i);
        }
        for (; i < width; i++)
        {
            var value = (x[i] - mean) * factor;
            output[i] = shift is null ? value : value * (1 + scale[i]) + shift[i];
        }
    }
}
