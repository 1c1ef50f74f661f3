using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>IEEE half precision to float by integer operations. Exact for every value, subnormal ones and infinities included; NaN stays NaN.</summary>
internal static unsafe class Float16Widening
{
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ushort* source, nint count, float* target)
    {
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= count - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
            {
                var (low, high) = Vector512.Widen(Vector512.Load(source + i));
                Widen(low).Store(target + i);
                Widen(high).Store(target + i + Vector512<float>.Count);
            }
        }
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Vector.Load(source + i), out var low, out var high);
            Vector.Store(Widen(low), target + i);
            Vector.Store(Widen(high), target + i + Vector<float>.Count);
        }
        for (; i < count; i++) target[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
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
    private static Vector<float> Widen(Vector<uint> half)
    {
        var magnitude = half & new Vector<uint>(Magnitude);
        var shifted = magnitude << LongerFraction;
        var subnormal = Vector.AsVectorSingle(shifted + new Vector<uint>(SubnormalExponent)) - Vector.AsVectorSingle(new Vector<uint>(SubnormalExponent));
        var special = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(Infinity)) & new Vector<uint>(LargerBias);
        var normal = shifted + new Vector<uint>(LargerBias) + special;
        var value = Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<uint>(SmallestNormal)), Vector.AsVectorUInt32(subnormal), normal);
        return Vector.AsVectorSingle(value | ((half & new Vector<uint>(Sign)) << HigherSign));
    }
}
