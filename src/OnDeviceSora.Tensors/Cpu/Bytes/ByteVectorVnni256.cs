using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>AVX-VNNI: one instruction multiplies and sums.</summary>
internal readonly unsafe struct ByteVectorVnni256 : IByteVector<Vector256<int>, Vector256<byte>>
{
    public static int Lanes => 8;

    public static int RowOffset => 0;

    public static Vector256<int> Zero => Vector256<int>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Row(byte* word) => Vector256.Create(*(uint*)word).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Weights(sbyte* words) => Vector256.Load((byte*)words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sum, Vector256<byte> row, Vector256<byte> weights) =>
        AvxVnni.MultiplyWideningAndAdd(sum, row, weights.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sum, int zero, int* columnSums, float* columnScales, float rowScale, float* target) =>
        ByteVector256.Store(sum, zero, columnSums, columnScales, rowScale, target);
}
