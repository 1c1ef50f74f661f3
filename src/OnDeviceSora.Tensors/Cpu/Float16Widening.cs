using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>IEEE half precision to float by integer operations. Exact for every value, subnormal ones and infinities included; NaN stays NaN.</summary>
internal static unsafe class Float16Widening
{
    private const uint LowerHalf = 0xFFFF;
    private const uint Sign = 0x8000;
    private const uint Magnitude = 0x7FFF;
    private const uint SmallestNormal = 0x0400;
    private const uint Infinity = 0x7C00;

    /// <summary>Bits by which a float's fraction is longer.</summary>
    private const int LongerFraction = 13;

    /// <summary>Bits from a half's sign to a float's.</summary>
    private const int HigherSign = 16;

    /// <summary>What a float's exponent is biased by more, in place.</summary>
    private const uint LargerBias = (127 - 15) << 23;

    /// <summary>The exponent of 2^-14, in place: with a subnormal's fraction below it, a float that is 2^-14 too large.</summary>
    private const uint SubnormalExponent = (127 - 14) << 23;

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
            if (wide) Row512(source, tileColumns, target);
            else Row256(source, tileColumns, target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row512(uint* source, int count, float* target)
    {
        for (var i = 0; i < count; i += Vector512<uint>.Count)
        {
            var pairs = Vector512.Load(source + i);
            Widen(pairs & Vector512.Create(LowerHalf)).Store(target + i);
            Widen(pairs >>> HigherSign).Store(target + count + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row256(uint* source, int count, float* target)
    {
        for (var i = 0; i < count; i += Vector256<uint>.Count)
        {
            var pairs = Vector256.Load(source + i);
            Widen(pairs & Vector256.Create(LowerHalf)).Store(target + i);
            Widen(pairs >>> HigherSign).Store(target + count + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(Vector512<uint> half)
    {
        var magnitude = half & Vector512.Create(Magnitude);
        var shifted = magnitude << LongerFraction;
        var subnormal = (shifted + Vector512.Create(SubnormalExponent)).AsSingle() - Vector512.Create(SubnormalExponent).AsSingle();
        // Infinity and NaN: the larger bias once more fills the exponent.
        var special = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(Infinity)) & Vector512.Create(LargerBias);
        var normal = shifted + Vector512.Create(LargerBias) + special;
        var value = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(SmallestNormal)), subnormal.AsUInt32(), normal);
        return (value | ((half & Vector512.Create(Sign)) << HigherSign)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(Vector256<uint> half)
    {
        var magnitude = half & Vector256.Create(Magnitude);
        var shifted = magnitude << LongerFraction;
        var subnormal = (shifted + Vector256.Create(SubnormalExponent)).AsSingle() - Vector256.Create(SubnormalExponent).AsSingle();
        // Infinity and NaN: the larger bias once more fills the exponent.
        var special = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(Infinity)) & Vector256.Create(LargerBias);
        var normal = shifted + Vector256.Create(LargerBias) + special;
        var value = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(SmallestNormal)), subnormal.AsUInt32(), normal);
        return (value | ((half & Vector256.Create(Sign)) << HigherSign)).AsSingle();
    }
}
