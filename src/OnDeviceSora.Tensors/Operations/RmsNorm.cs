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

    /// <summary>Normalises, in place, each head inside a range of columns: the q or the k part of a packed qkv.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Rows <c>[..., width]</c>.</param>
    /// <param name="column">First column of head 0.</param>
    /// <param name="heads">Heads, side by side.</param>
    /// <param name="weight">Factors <c>[head size]</c>, the same for every head.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <exception cref="ArgumentException">The heads reach beyond a row.</exception>
    public static void RunHeads(ComputeEngine engine, Tensor x, int column, int heads, Tensor weight, float epsilon)
    {
        var (width, headSize) = (x.Shape[-1], (int)weight.Length);
        if (column < 0 || column + (long)heads * headSize > width) throw new ArgumentException($"{heads} heads of {headSize} from column {column} do not fit rows of {width}.");
        if (x.Length == 0) return;
        RowBlocks.For(engine, x.Length / width, (long)heads * headSize, (first, end) =>
        {
            for (var row = first; row < end; row++)
            {
                var head = x.Pointer + row * width + column;
                for (var h = 0; h < heads; h++, head += headSize) Row(head, weight.Pointer, epsilon, head, headSize);
            }
        });
    }

    private static void Row(float* x, float* weight, float epsilon, float* output, int width)
    {
        var factor = 1 / MathF.Sqrt(RowMath.SumOfSquares(x, width, 0) / width + epsilon);
        RowMath.ScaleBy(x, factor, weight, output, width);
    }
}
