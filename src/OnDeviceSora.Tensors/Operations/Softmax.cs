using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>Softmax over the last axis.</summary>
public static unsafe class Softmax
{
    /// <summary>Replaces each row by its softmax, in place.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Rows <c>[..., width]</c>.</param>
    public static void Run(ComputeEngine engine, Tensor x)
    {
        if (x.Length == 0) return;
        var width = x.Shape[-1];
        RowBlocks.For(engine, x.Length / width, width, (first, end) =>
        {
            for (var row = x.Pointer + first * width; row < x.Pointer + end * width; row += width)
            {
                var sum = RowMath.Exponentials(row, width, RowMath.Maximum(row, width));
                RowMath.Scale(row, 1 / sum, row, width);
            }
        });
    }
}
