using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>The even and the odd bytes of each lane, as 16-bit integers.</summary>
internal readonly record struct BytePairs512(Vector512<short> Even, Vector512<short> Odd);

/// <summary>AVX-512 without byte products: 16-bit products of the even and of the odd bytes.</summary>
internal readonly unsafe struct ByteVector512 : IByteVector<Vector512<int>, BytePairs512>
{
    public static int Lanes => 16;

    public static int RowOffset => 0;

    public static Vector512<int> Zero => Vector512<int>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePairs512 Row(byte* word)
    {
        var bytes = Vector512.Create(*(uint*)word).AsUInt16();
        return new BytePairs512((bytes & Vector512.Create((ushort)0xFF)).AsInt16(), (bytes >>> 8).AsInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePairs512 Weights(sbyte* words)
    {
        var bytes = Vector512.Load(words).AsInt16();
        return new BytePairs512((bytes << 8) >> 8, bytes >> 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> sum, BytePairs512 row, BytePairs512 weights) =>
        sum + Avx512BW.MultiplyAddAdjacent(row.Even, weights.Even) + Avx512BW.MultiplyAddAdjacent(row.Odd, weights.Odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> sum, int zero, int* columnSums, float* columnScales, float rowScale, float* target)
    {
        var value = Vector512.ConvertToSingle(sum - Vector512.Create(zero) * Vector512.Load(columnSums));
        (value * Vector512.Load(columnScales) * Vector512.Create(rowScale)).Store(target);
    }
}
