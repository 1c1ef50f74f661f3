using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Rows of a matrix in memory.</summary>
internal readonly unsafe struct DenseRows(float* start, long stride, int depth) : IRowPacker
{
    public void Pack(int row, int rows, int tileRows, float* panel)
    {
        var source = start + row * stride;
        if (rows == tileRows && rows >= 4) Transpose(source, stride, depth, tileRows, panel);
        else PackPartly(source, rows, tileRows, panel);
    }

    /// <summary>A full panel, four rows at a time; the last four may overlap those before them.</summary>
    internal static void Transpose(float* source, long stride, int depth, int tileRows, float* panel)
    {
        for (var row = 0; row < tileRows; row += 4)
        {
            var first = Math.Min(row, tileRows - 4);
            TransposeFour(source + first * stride, stride, depth, tileRows, panel + first);
        }
    }

    private static void TransposeFour(float* source, long stride, int depth, int tileRows, float* panel)
    {
        float* a = source, b = a + stride, c = b + stride, d = c + stride;
        var k = 0;
        for (; k <= depth - 4; k += 4, panel += 4 * tileRows)
        {
            Store4x4(Vector128.Load(a + k), Vector128.Load(b + k), Vector128.Load(c + k), Vector128.Load(d + k), panel, tileRows);
        }
        for (; k < depth; k++, panel += tileRows)
        {
            panel[0] = a[k];
            panel[1] = b[k];
            panel[2] = c[k];
            panel[3] = d[k];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store4x4(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* panel, int tileRows)
    {
        var ac0 = Interleave(a, c, upper: false);
        var bd0 = Interleave(b, d, upper: false);
        var ac1 = Interleave(a, c, upper: true);
        var bd1 = Interleave(b, d, upper: true);
        Interleave(ac0, bd0, upper: false).Store(panel);
        Interleave(ac0, bd0, upper: true).Store(panel + tileRows);
        Interleave(ac1, bd1, upper: false).Store(panel + 2 * tileRows);
        Interleave(ac1, bd1, upper: true).Store(panel + 3 * tileRows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Interleave(Vector128<float> a, Vector128<float> b, bool upper)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
        {
            return upper ? System.Runtime.Intrinsics.X86.Sse.UnpackHigh(a, b) : System.Runtime.Intrinsics.X86.Sse.UnpackLow(a, b);
        }
        if (System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported)
        {
            return upper ? System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.ZipHigh(a, b) : System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.ZipLow(a, b);
        }
        return upper ? Vector128.Create(a[2], b[2], a[3], b[3]) : Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    private void PackPartly(float* source, int rows, int tileRows, float* panel)
    {
        for (var k = 0; k < depth; k++, panel += tileRows)
        {
            for (var r = 0; r < rows; r++) panel[r] = source[r * stride + k];
            for (var r = rows; r < tileRows; r++) panel[r] = 0;
        }
    }
}
