using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>A tile of 6 x 8 in 128-bit vectors: NEON, SSE, or plain code where there is neither.</summary>
internal sealed unsafe class MicroKernel128 : MicroKernel
{
    private const int Lanes = 4;
    private const int TileRows = 6;
    private const int TileColumns = 2 * Lanes;

    public override VectorWidth Width => VectorWidth.Bits128;

    public override int Rows => TileRows;

    public override int Columns => TileColumns;

    // The estimate fuses where the CPU can and multiplies then adds where it cannot; a fused product in software would take
    // a call each. The sums are spelled out one by one because only named locals stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float* a, float* b, int depth, float* tile, nint stride, bool accumulate)
    {
        Vector128<float> c0a, c0b;
        Vector128<float> c1a, c1b;
        Vector128<float> c2a, c2b;
        Vector128<float> c3a, c3b;
        Vector128<float> c4a, c4b;
        Vector128<float> c5a, c5b;
        if (accumulate)
        {
            var row = tile;
            c0a = Vector128.Load(row);
            c0b = Vector128.Load(row + Lanes);
            row += stride;
            c1a = Vector128.Load(row);
            c1b = Vector128.Load(row + Lanes);
            row += stride;
            c2a = Vector128.Load(row);
            c2b = Vector128.Load(row + Lanes);
            row += stride;
            c3a = Vector128.Load(row);
            c3b = Vector128.Load(row + Lanes);
            row += stride;
            c4a = Vector128.Load(row);
            c4b = Vector128.Load(row + Lanes);
            row += stride;
            c5a = Vector128.Load(row);
            c5b = Vector128.Load(row + Lanes);
        }
        else
        {
            c0a = c0b = Vector128<float>.Zero;
            c1a = c1b = Vector128<float>.Zero;
            c2a = c2b = Vector128<float>.Zero;
            c3a = c3b = Vector128<float>.Zero;
            c4a = c4b = Vector128<float>.Zero;
            c5a = c5b = Vector128<float>.Zero;
        }

        for (var end = a + (nint)depth * TileRows; a < end; a += TileRows, b += TileColumns)
        {
            var ba = Vector128.Load(b);
            var bb = Vector128.Load(b + Lanes);
            var a0 = Vector128.Create(a[0]);
            c0a = Vector128.MultiplyAddEstimate(a0, ba, c0a);
            c0b = Vector128.MultiplyAddEstimate(a0, bb, c0b);
            var a1 = Vector128.Create(a[1]);
            c1a = Vector128.MultiplyAddEstimate(a1, ba, c1a);
            c1b = Vector128.MultiplyAddEstimate(a1, bb, c1b);
            var a2 = Vector128.Create(a[2]);
            c2a = Vector128.MultiplyAddEstimate(a2, ba, c2a);
            c2b = Vector128.MultiplyAddEstimate(a2, bb, c2b);
            var a3 = Vector128.Create(a[3]);
            c3a = Vector128.MultiplyAddEstimate(a3, ba, c3a);
            c3b = Vector128.MultiplyAddEstimate(a3, bb, c3b);
            var a4 = Vector128.Create(a[4]);
            c4a = Vector128.MultiplyAddEstimate(a4, ba, c4a);
            c4b = Vector128.MultiplyAddEstimate(a4, bb, c4b);
            var a5 = Vector128.Create(a[5]);
            c5a = Vector128.MultiplyAddEstimate(a5, ba, c5a);
            c5b = Vector128.MultiplyAddEstimate(a5, bb, c5b);
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
