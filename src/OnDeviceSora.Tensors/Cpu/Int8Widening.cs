using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>8-bit integers to floats: each the integer times its column's scale, rounded once.</summary>
internal static unsafe class Int8Widening
{
    private const int WordBits = 32;
    private const int ByteBits = 8;

    /// <summary>Rows of fours to four times as many rows of floats.</summary>
    /// <param name="source"><c>[words][tileColumns]</c>, the shallowest of four in the lowest byte.</param>
    /// <param name="scales">One for each column.</param>
    /// <param name="words">Rows of fours.</param>
    /// <param name="tileColumns">A multiple of 8.</param>
    /// <param name="target"><c>[4 words][tileColumns]</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int* source, float* scales, int words, int tileColumns, float* target)
    {
        if (Vector512.IsHardwareAccelerated && tileColumns % Vector512<int>.Count == 0)
        {
            for (var column = 0; column < tileColumns; column += Vector512<int>.Count)
            {
                Columns512(source + column, Vector512.Load(scales + column), words, tileColumns, target + column);
            }
        }
        else
        {
            for (var column = 0; column < tileColumns; column += Vector256<int>.Count)
            {
                Columns256(source + column, Vector256.Load(scales + column), words, tileColumns, target + column);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns512(int* source, Vector512<float> scale, int words, nint stride, float* target)
    {
        for (var word = 0; word < words; word++, source += stride)
        {
            var bytes = Vector512.Load(source);
            for (var place = ByteBits; place <= WordBits; place += ByteBits, target += stride)
            {
                var integers = bytes << (WordBits - place) >> (WordBits - ByteBits);
                (Vector512.ConvertToSingle(integers) * scale).Store(target);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns256(int* source, Vector256<float> scale, int words, nint stride, float* target)
    {
        for (var word = 0; word < words; word++, source += stride)
        {
            var bytes = Vector256.Load(source);
            for (var place = ByteBits; place <= WordBits; place += ByteBits, target += stride)
            {
                var integers = bytes << (WordBits - place) >> (WordBits - ByteBits);
                (Vector256.ConvertToSingle(integers) * scale).Store(target);
            }
        }
    }
}
