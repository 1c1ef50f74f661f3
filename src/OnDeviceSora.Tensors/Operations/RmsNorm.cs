using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>Root-mean-square normalisation: <c>x / sqrt(mean(x^2) + epsilon) * weight</c>.</summary>
public static unsafe class RmsNorm
{
    /// <summary>Normalises each row.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Rows <c>[..., width]</c>.</param>
    /// <param name="weight">Factors <c>[width]</c>.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="output">Result, of the same length; may be <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Run(ComputeEngine engine, Tensor x, Tensor weight, float epsilon, Tensor output)
    {
        var width = x.Shape[-1];
        if (weight.Length != width || output.Length != x.Length) throw new ArgumentException($"Weight {weight.Shape} or output {output.Shape} does not fit {x.Shape}.");
        if (x.Length == 0) return;
        RowBlocks.For(engine, x.Length / width, width, (first, end) =>
        {
            for (var row = first; row < end; row++) Row(x.Pointer + row * width, weight.Pointer, epsilon, output.Pointer + row * width, width);
        });
    }

    private static void Row(float* x, float* weight, float epsilon, float* output, int width)
    {
        var factor = 1 / MathF.Sqrt(RowMath.SumOfSquares(x, width, 0) / width + epsilon);
        RowMath.ScaleBy(x, factor, weight, output, width);
    }
}
