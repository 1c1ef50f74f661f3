using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>bfloat16 to float: the sixteen bits become the upper half. Exact for every value.</summary>
internal static unsafe class Bfloat16Widening
{
    private const int LowerBits = 16;
    private const uint UpperHalf = 0xFFFF0000;

    /// <summary>Rows of pairs to twice as many rows of floats.</summary>
    /// <param name="source"><c>[words][tileColumns]</c>, the shallower of a pair in the lower half.</param>
    /// <param name="words">Rows of pairs.</param>
    /// <param name="tileColumns">A multiple of 8.</param>
    /// <param name="target"><c>[2 words][tileColumns]</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(uint* source, int words, int tileColumns, float* target)
    {
        var wide = Vector512.IsHardwareAccelerated && tileColumns % Vector512<uint>.Count == 0;
        for (var word = 0; word < words; word++, source += tileColumns, target += 2 * tileColumns)
        {
            if (wide) Row512(source, tileColumns, (uint*)target);
            else Row256(source, tileColumns, (uint*)target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row512(uint* source, int count, uint* target)
    {
        for (var i = 0; i < count; i += Vector512<uint>.Count)
        {
            var pairs = Vector512.Load(source + i);
            (pairs << LowerBits).Store(target + i);
            (pairs & Vector512.Create(UpperHalf)).Store(target + count + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row256(uint* source, int count, uint* target)
    {
        for (var i = 0; i < count; i += Vector256<uint>.Count)
        {
            var pairs = Vector256.Load(source + i);
            (pairs << LowerBits).Store(target + i);
            (pairs & Vector256.Create(UpperHalf)).Store(target + count + i);
        }
    }
}
