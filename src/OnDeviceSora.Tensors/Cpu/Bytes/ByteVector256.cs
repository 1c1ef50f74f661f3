using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>The even and the odd bytes of each lane, as 16-bit integers.</summary>
internal readonly record struct BytePairs256(Vector256<short> Even, Vector256<short> Odd);

/// <summary>AVX2: 16-bit products of the even and of the odd bytes.</summary>
internal readonly unsafe struct ByteVector256 : IByteVector<Vector256<int>, BytePairs256>
{
    public static int Lanes => 8;

    public static int RowOffset => 0;

    public static Vector256<int> Zero => Vector256<int>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePairs256 Row(byte* word)
    {
        var bytes = Vector256.Create(*(uint*)word).AsUInt16();
        return new BytePairs256((bytes & Vector256.Create((ushort)0xFF)).AsInt16(), (bytes >>> 8).AsInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePairs256 Weights(sbyte* words)
    {
        var bytes = Vector256.Load(words).AsInt16();
        return new BytePairs256((bytes << 8) >> 8, bytes >> 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sum, BytePairs256 row, BytePairs256 weights) =>
        sum + Avx2.MultiplyAddAdjacent(row.Even, weights.Even) + Avx2.MultiplyAddAdjacent(row.Odd, weights.Odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sum, int zero, int* columnSums, float* columnScales, float rowScale, float* target)
    {
        var value = Vector256.ConvertToSingle(sum - Vector256.Create(zero) * Vector256.Load(columnSums));
        (value * Vector256.Load(columnScales) * Vector256.Create(rowScale)).Store(target);
    }
}
