using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>
/// 128 bits: the dot product of ARM64, 16-bit products on x64, and plain 32-bit products elsewhere. Rows are made signed, since ARM64
/// has products of equal signs only.
/// </summary>
internal readonly unsafe struct ByteVector128 : IByteVector<Vector128<int>, Vector128<sbyte>>
{
    public static int Lanes => 4;

    public static int RowOffset => 128;

    public static Vector128<int> Zero => Vector128<int>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Row(byte* word) => (Vector128.Create(*(uint*)word) ^ Vector128.Create(0x80808080)).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Weights(sbyte* words) => Vector128.Load(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> sum, Vector128<sbyte> row, Vector128<sbyte> weights)
    {
        if (Dp.IsSupported) return Dp.DotProduct(sum, row, weights);
        var (evenRow, oddRow) = ((row.AsInt16() << 8) >> 8, row.AsInt16() >> 8);
        var (even, odd) = ((weights.AsInt16() << 8) >> 8, weights.AsInt16() >> 8);
        return sum + AddNeighbours(evenRow, even) + AddNeighbours(oddRow, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> sum, int zero, int* columnSums, float* columnScales, float rowScale, float* target)
    {
        var value = Vector128.ConvertToSingle(sum - Vector128.Create(zero) * Vector128.Load(columnSums));
        (value * Vector128.Load(columnScales) * Vector128.Create(rowScale)).Store(target);
    }

    /// <summary>In each lane, the sum of its two 16-bit products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddNeighbours(Vector128<short> a, Vector128<short> b)
    {
        if (Sse2.IsSupported) return Sse2.MultiplyAddAdjacent(a, b);
        var (lowA, lowB) = ((a.AsInt32() << 16) >> 16, (b.AsInt32() << 16) >> 16);
        return lowA * lowB + (a.AsInt32() >> 16) * (b.AsInt32() >> 16);
    }
}
