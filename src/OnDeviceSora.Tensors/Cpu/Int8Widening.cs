using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>8-bit integers to floats: each the integer times its column's scale, rounded once.</summary>
internal static unsafe class Int8Widening
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(sbyte* source, float* scales, int depth, int tileColumns, float* target)
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported && tileColumns % Vector512<float>.Count == 0)
        {
            for (var column = 0; column < tileColumns; column += Vector512<float>.Count)
            {
                Columns512(source + column, Vector512.Load(scales + column), depth, tileColumns, target + column);
            }
        }
        else
        {
            for (var column = 0; column < tileColumns; column += Vector256<float>.Count)
            {
                Columns256(source + column, Vector256.Load(scales + column), depth, tileColumns, target + column);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns512(sbyte* source, Vector512<float> scale, int depth, nint stride, float* target)
    {
        for (var k = 0; k < depth; k++, source += stride, target += stride)
        {
            var integers = Avx512F.ConvertToVector512Int32(Vector128.Load(source));
            (Vector512.ConvertToSingle(integers) * scale).Store(target);
        }
    }

    /// <summary>Eight columns; without 256-bit vectors, as two halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns256(sbyte* source, Vector256<float> scale, int depth, nint stride, float* target)
    {
        for (var k = 0; k < depth; k++, source += stride, target += stride)
        {
            // Eight bytes are loaded as one number, so that nothing beyond them is read.
            var bytes = Vector128.CreateScalarUnsafe(*(long*)source).AsSByte();
            var integers = Avx2.IsSupported
                ? Avx2.ConvertToVector256Int32(bytes)
                : Vector256.Create(Vector128.WidenLower(Vector128.WidenLower(bytes)), Vector128.WidenUpper(Vector128.WidenLower(bytes)));
            (Vector256.ConvertToSingle(integers) * scale).Store(target);
        }
    }
}
