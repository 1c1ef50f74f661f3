using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>bfloat16 to float: the sixteen bits become the upper half. Exact for every value.</summary>
internal static unsafe class Bfloat16Widening
{
    private const int LowerBits = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ushort* source, nint count, float* target)
    {
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= count - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
            {
                var (low, high) = Vector512.Widen(Vector512.Load(source + i));
                (low << LowerBits).Store((uint*)target + i);
                (high << LowerBits).Store((uint*)target + i + Vector512<uint>.Count);
            }
        }
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Vector.Load(source + i), out var low, out var high);
            Vector.Store(low << LowerBits, (uint*)target + i);
            Vector.Store(high << LowerBits, (uint*)target + i + Vector<uint>.Count);
        }
        for (; i < count; i++) target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << LowerBits);
    }
}
