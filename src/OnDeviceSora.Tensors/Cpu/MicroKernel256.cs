using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>A tile of 6 x 16 in 12 of the 16 registers of AVX2.</summary>
internal sealed unsafe class MicroKernel256 : MicroKernel
{
    private const int Lanes = 8;
    private const int TileRows = 6;
    private const int TileColumns = 2 * Lanes;

    public override VectorWidth Width => VectorWidth.Bits256;

    public override int Rows => TileRows;

    public override int Columns => TileColumns;

    // The sums are spelled out one by one because only named locals stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float* a, float* b, int depth, float* tile, nint stride, bool accumulate)
    {
        Vector256<float> c0a, c0b;
        Vector256<float> c1a, c1b;
        Vector256<float> c2a, c2b;
        Vector256<float> c3a, c3b;
        Vector256<float> c4a, c4b;
        Vector256<float> c5a, c5b;
        if (accumulate)
        {
            var row = tile;
            c0a = Vector256.Load(row);
            c0b = Vector256.Load(row + Lanes);
            row += stride;
            c1a = Vector256.Load(row);
            c1b = Vector256.Load(row + Lanes);
            row += stride;
            c2a = Vector256.Load(row);
            c2b = Vector256.Load(row + Lanes);
            row += stride;
            c3a = Vector256.Load(row);
            c3b = Vector256.Load(row + Lanes);
            row += stride;
            c4a = Vector256.Load(row);
            c4b = Vector256.Load(row + Lanes);
            row += stride;
            c5a = Vector256.Load(row);
            c5b = Vector256.Load(row + Lanes);
        }
        else
        {
            c0a = c0b = Vector256<float>.Zero;
            c1a = c1b = Vector256<float>.Zero;
            c2a = c2b = Vector256<float>.Zero;
            c3a = c3b = Vector256<float>.Zero;
            c4a = c4b = Vector256<float>.Zero;
            c5a = c5b = Vector256<float>.Zero;
        }

        for (var end = a + (nint)depth * TileRows; a < end; a += TileRows, b += TileColumns)
        {
            var ba = Vector256.Load(b);
            var bb = Vector256.Load(b + Lanes);
            var a0 = Vector256.Create(a[0]);
            c0a = Vector256.FusedMultiplyAdd(a0, ba, c0a);
            c0b = Vector256.FusedMultiplyAdd(a0, bb, c0b);
            var a1 = Vector256.Create(a[1]);
            c1a = Vector256.FusedMultiplyAdd(a1, ba, c1a);
            c1b = Vector256.FusedMultiplyAdd(a1, bb, c1b);
            var a2 = Vector256.Create(a[2]);
            c2a = Vector256.FusedMultiplyAdd(a2, ba, c2a);
            c2b = Vector256.FusedMultiplyAdd(a2, bb, c2b);
            var a3 = Vector256.Create(a[3]);
            c3a = Vector256.FusedMultiplyAdd(a3, ba, c3a);
            c3b = Vector256.FusedMultiplyAdd(a3, bb, c3b);
            var a4 = Vector256.Create(a[4]);
            c4a = Vector256.FusedMultiplyAdd(a4, ba, c4a);
            c4b = Vector256.FusedMultiplyAdd(a4, bb, c4b);
            var a5 = Vector256.Create(a[5]);
            c5a = Vector256.FusedMultiplyAdd(a5, ba, c5a);
            c5b = Vector256.FusedMultiplyAdd(a5, bb, c5b);
        }

        c0a.Store(tile);
        c0b.Store(tile + Lanes);
        tile += stride;
        c1a.Store(tile);
        c1b.Store(tile + Lanes);
        tile += stride;
        c2a.Store(tile);
        c2b.Store(tile + Lanes);
        tile += stride;
        c3a.Store(tile);
        c3b.Store(tile + Lanes);
        tile += stride;
        c4a.Store(tile);
        c4b.Store(tile + Lanes);
        tile += stride;
        c5a.Store(tile);
        c5b.Store(tile + Lanes);
    }
}
