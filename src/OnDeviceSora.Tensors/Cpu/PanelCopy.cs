using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Gathers a few neighbouring columns of rows that lie apart as the rows of a panel.</summary>
internal static unsafe class PanelCopy
{
    /// <summary>Writes <c>panel[row * width + i] = source[row * stride + i]</c> for i below <paramref name="count"/>, and nothing else.</summary>
    /// <param name="source">First of the columns in the first row.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="count">Columns, at most <paramref name="width"/>.</param>
    /// <param name="panel">Receives <c>[rows][count]</c>.</param>
    /// <param name="width">Elements from one row of the panel to the next.</param>
    public static void Run(float* source, nint stride, int rows, int count, float* panel, int width)
    {
        if (count >= Vector128<float>.Count) InFours(source, stride, rows, count, panel, width);
        else OneByOne(source, stride, rows, count, panel, width);
    }

    // The last four once more, over what is there already: cheaper than a partial group.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InFours(float* source, nint stride, int rows, int count, float* panel, int width)
    {
        for (var row = 0; row < rows; row++, source += stride, panel += width)
        {
            for (var i = 0; i < count - Vector128<float>.Count; i += Vector128<float>.Count) Vector128.Load(source + i).Store(panel + i);
            Vector128.Load(source + count - Vector128<float>.Count).Store(panel + count - Vector128<float>.Count);
        }
    }

    private static void OneByOne(float* source, nint stride, int rows, int count, float* panel, int width)
    {
        for (var row = 0; row < rows; row++, source += stride, panel += width)
        {
            for (var i = 0; i < count; i++) panel[i] = source[i];
        }
    }
}
