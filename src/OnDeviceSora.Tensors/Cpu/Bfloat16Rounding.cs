using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Floats to bfloat16, to nearest and ties to even; NaN stays NaN.</summary>
internal static unsafe class Bfloat16Rounding
{
    private const uint Quiet = 0x00400000;
    private const uint UpperHalf = 0xFFFF0000;

    /// <summary>Rounds a panel and joins neighbours in depth.</summary>
    /// <param name="panel"><c>[depth][width]</c>.</param>
    /// <param name="depth">Rows; after an odd number a row of zeros is joined.</param>
    /// <param name="width">Entries of a row.</param>
    /// <param name="pairs">Receives <c>[(depth + 1) / 2][width]</c>, the shallower of a pair in the lower half.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void JoinPairs(float* panel, int depth, int width, uint* pairs)
    {
        for (; depth >= 2; depth -= 2, panel += 2 * width, pairs += width) JoinRows((uint*)panel, (uint*)panel + width, width, pairs);
        for (var i = 0; depth == 1 && i < width; i++) pairs[i] = Round(((uint*)panel)[i]) >> 16;
    }

    private static void JoinRows(uint* lower, uint* upper, int count, uint* pairs)
    {
        var i = 0;
        for (; i <= count - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            Vector.Store((Round(Vector.Load(lower + i)) >>> 16) | (Round(Vector.Load(upper + i)) & new Vector<uint>(UpperHalf)), pairs + i);
        }
        for (; i < count; i++) pairs[i] = (Round(lower[i]) >> 16) | (Round(upper[i]) & UpperHalf);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Round(Vector<uint> bits)
    {
        var rounded = bits + new Vector<uint>(0x7FFF) + ((bits >>> 16) & Vector<uint>.One);
        var number = Vector.AsVectorSingle(bits);
        return Vector.ConditionalSelect(Vector.AsVectorUInt32(Vector.Equals(number, number)), rounded, bits | new Vector<uint>(Quiet));
    }

    private static uint Round(uint bits) =>
        float.IsNaN(BitConverter.UInt32BitsToSingle(bits)) ? bits | Quiet : bits + 0x7FFF + ((bits >> 16) & 1);
}
