using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>A tile of 4 rows x 2 vectors in managed code, for every CPU.</summary>
internal sealed unsafe class ManagedByteKernel<TVector, TSum, TBytes> : ByteKernel
    where TVector : IByteVector<TSum, TBytes>
    where TSum : struct
    where TBytes : struct
{
    private const int TileRows = 4;

    public override int Rows => TileRows;

    public override int Columns => 2 * TVector.Lanes;

    // The sums are spelled out one by one because only named locals stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* a, sbyte* b, int words, in ByteScaling scaling, float* tile, nint stride)
    {
        TSum c0a = TVector.Zero, c0b = TVector.Zero, c1a = TVector.Zero, c1b = TVector.Zero;
        TSum c2a = TVector.Zero, c2b = TVector.Zero, c3a = TVector.Zero, c3b = TVector.Zero;
        for (var word = 0; word < words; word++, a += 4 * TileRows, b += 4 * 2 * TVector.Lanes)
        {
            var (left, right) = (TVector.Weights(b), TVector.Weights(b + 4 * TVector.Lanes));
            var row = TVector.Row(a);
            c0a = TVector.Add(c0a, row, left);
            c0b = TVector.Add(c0b, row, right);
            row = TVector.Row(a + 4);
            c1a = TVector.Add(c1a, row, left);
            c1b = TVector.Add(c1b, row, right);
            row = TVector.Row(a + 8);
            c2a = TVector.Add(c2a, row, left);
            c2b = TVector.Add(c2b, row, right);
            row = TVector.Row(a + 12);
            c3a = TVector.Add(c3a, row, left);
            c3b = TVector.Add(c3b, row, right);
        }
        StoreRow(0, c0a, c0b, scaling, tile);
        StoreRow(1, c1a, c1b, scaling, tile + stride);
        StoreRow(2, c2a, c2b, scaling, tile + 2 * stride);
        StoreRow(3, c3a, c3b, scaling, tile + 3 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(int row, TSum left, TSum right, in ByteScaling scaling, float* tile)
    {
        var (zero, scale) = (scaling.RowZeros[row] - TVector.RowOffset, scaling.RowScales[row]);
        TVector.Store(left, zero, scaling.ColumnSums, scaling.ColumnScales, scale, tile);
        TVector.Store(right, zero, scaling.ColumnSums + TVector.Lanes, scaling.ColumnScales + TVector.Lanes, scale, tile + TVector.Lanes);
    }
}
