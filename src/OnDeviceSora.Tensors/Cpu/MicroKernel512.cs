using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>A tile of 14 x 32 in 28 of the 32 registers of AVX-512.</summary>
internal sealed unsafe class MicroKernel512 : MicroKernel
{
    private const int Lanes = 16;
    private const int TileRows = 14;
    private const int TileColumns = 2 * Lanes;

    public override VectorWidth Width => VectorWidth.Bits512;

    public override int Rows => TileRows;

    public override int Columns => TileColumns;

    // The sums are spelled out one by one because only named locals stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float* a, float* b, int depth, float* tile, nint stride, bool accumulate)
    {
        Vector512<float> c0a, c0b;
        Vector512<float> c1a, c1b;
        Vector512<float> c2a, c2b;
        Vector512<float> c3a, c3b;
        Vector512<float> c4a, c4b;
        Vector512<float> c5a, c5b;
        Vector512<float> c6a, c6b;
        Vector512<float> c7a, c7b;
        Vector512<float> c8a, c8b;
        Vector512<float> c9a, c9b;
        Vector512<float> c10a, c10b;
        Vector512<float> c11a, c11b;
        Vector512<float> c12a, c12b;
        Vector512<float> c13a, c13b;
        if (accumulate)
        {
            var row = tile;
            c0a = Vector512.Load(row);
            c0b = Vector512.Load(row + Lanes);
            row += stride;
            c1a = Vector512.Load(row);
            c1b = Vector512.Load(row + Lanes);
            row += stride;
            c2a = Vector512.Load(row);
            c2b = Vector512.Load(row + Lanes);
            row += stride;
            c3a = Vector512.Load(row);
            c3b = Vector512.Load(row + Lanes);
            row += stride;
            c4a = Vector512.Load(row);
            c4b = Vector512.Load(row + Lanes);
            row += stride;
            c5a = Vector512.Load(row);
            c5b = Vector512.Load(row + Lanes);
            row += stride;
            c6a = Vector512.Load(row);
            c6b = Vector512.Load(row + Lanes);
            row += stride;
            c7a = Vector512.Load(row);
            c7b = Vector512.Load(row + Lanes);
            row += stride;
            c8a = Vector512.Load(row);
            c8b = Vector512.Load(row + Lanes);
            row += stride;
            c9a = Vector512.Load(row);
            c9b = Vector512.Load(row + Lanes);
            row += stride;
            c10a = Vector512.Load(row);
            c10b = Vector512.Load(row + Lanes);
            row += stride;
            c11a = Vector512.Load(row);
            c11b = Vector512.Load(row + Lanes);
            row += stride;
            c12a = Vector512.Load(row);
            c12b = Vector512.Load(row + Lanes);
            row += stride;
            c13a = Vector512.Load(row);
            c13b = Vector512.Load(row + Lanes);
        }
        else
        {
            c0a = c0b = Vector512<float>.Zero;
            c1a = c1b = Vector512<float>.Zero;
            c2a = c2b = Vector512<float>.Zero;
            c3a = c3b = Vector512<float>.Zero;
            c4a = c4b = Vector512<float>.Zero;
            c5a = c5b = Vector512<float>.Zero;
            c6a = c6b = Vector512<float>.Zero;
            c7a = c7b = Vector512<float>.Zero;
            c8a = c8b = Vector512<float>.Zero;
            c9a = c9b = Vector512<float>.Zero;
            c10a = c10b = Vector512<float>.Zero;
            c11a = c11b = Vector512<float>.Zero;
            c12a = c12b = Vector512<float>.Zero;
            c13a = c13b = Vector512<float>.Zero;
        }

        for (var end = a + (nint)depth * TileRows; a < end; a += TileRows, b += TileColumns)
        {
            var ba = Vector512.Load(b);
            var bb = Vector512.Load(b + Lanes);
            var a0 = Vector512.Create(a[0]);
            c0a = Vector512.FusedMultiplyAdd(a0, ba, c0a);
            c0b = Vector512.FusedMultiplyAdd(a0, bb, c0b);
            var a1 = Vector512.Create(a[1]);
            c1a = Vector512.FusedMultiplyAdd(a1, ba, c1a);
            c1b = Vector512.FusedMultiplyAdd(a1, bb, c1b);
            var a2 = Vector512.Create(a[2]);
            c2a = Vector512.FusedMultiplyAdd(a2, ba, c2a);
            c2b = Vector512.FusedMultiplyAdd(a2, bb, c2b);
            var a3 = Vector512.Create(a[3]);
            c3a = Vector512.FusedMultiplyAdd(a3, ba, c3a);
            c3b = Vector512.FusedMultiplyAdd(a3, bb, c3b);
            var a4 = Vector512.Create(a[4]);
            c4a = Vector512.FusedMultiplyAdd(a4, ba, c4a);
            c4b = Vector512.FusedMultiplyAdd(a4, bb, c4b);
            var a5 = Vector512.Create(a[5]);
            c5a = Vector512.FusedMultiplyAdd(a5, ba, c5a);
            c5b = Vector512.FusedMultiplyAdd(a5, bb, c5b);
            var a6 = Vector512.Create(a[6]);
            c6a = Vector512.FusedMultiplyAdd(a6, ba, c6a);
            c6b = Vector512.FusedMultiplyAdd(a6, bb, c6b);
            var a7 = Vector512.Create(a[7]);
            c7a = Vector512.FusedMultiplyAdd(a7, ba, c7a);
            c7b = Vector512.FusedMultiplyAdd(a7, bb, c7b);
            var a8 = Vector512.Create(a[8]);
            c8a = Vector512.FusedMultiplyAdd(a8, ba, c8a);
            c8b = Vector512.FusedMultiplyAdd(a8, bb, c8b);
            var a9 = Vector512.Create(a[9]);
            c9a = Vector512.FusedMultiplyAdd(a9, ba, c9a);
            c9b = Vector512.FusedMultiplyAdd(a9, bb, c9b);
            var a10 = Vector512.Create(a[10]);
            c10a = Vector512.FusedMultiplyAdd(a10, ba, c10a);
            c10b = Vector512.FusedMultiplyAdd(a10, bb, c10b);
            var a11 = Vector512.Create(a[11]);
            c11a = Vector512.FusedMultiplyAdd(a11, ba, c11a);
            c11b = Vector512.FusedMultiplyAdd(a11, bb, c11b);
            var a12 = Vector512.Create(a[12]);
            c12a = Vector512.FusedMultiplyAdd(a12, ba, c12a);
            c12b = Vector512.FusedMultiplyAdd(a12, bb, c12b);
            var a13 = Vector512.Create(a[13]);
            c13a = Vector512.FusedMultiplyAdd(a13, ba, c13a);
            c13b = Vector512.FusedMultiplyAdd(a13, bb, c13b);
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
        tile += stride;
        c6a.Store(tile);
        c6b.Store(tile + Lanes);
        tile += stride;
        c7a.Store(tile);
        c7b.Store(tile + Lanes);
        tile += stride;
        c8a.Store(tile);
        c8b.Store(tile + Lanes);
        tile += stride;
        c9a.Store(tile);
        c9b.Store(tile + Lanes);
        tile += stride;
        c10a.Store(tile);
        c10b.Store(tile + Lanes);
        tile += stride;
        c11a.Store(tile);
        c11b.Store(tile + Lanes);
        tile += stride;
        c12a.Store(tile);
        c12b.Store(tile + Lanes);
        tile += stride;
        c13a.Store(tile);
        c13b.Store(tile + Lanes);
    }
}
