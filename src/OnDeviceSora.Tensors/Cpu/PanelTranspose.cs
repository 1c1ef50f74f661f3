using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Turns rows that lie apart into a panel <c>[depth][tileRows]</c>, four or eight rows at a time.</summary>
internal static unsafe class PanelTranspose
{
    /// <summary>Writes entries 0 .. <paramref name="depth"/> - 1 of some rows to a panel; missing rows become zeros.</summary>
    /// <param name="rows">Start of each row.</param>
    /// <param name="count">Rows there are, at most <paramref name="tileRows"/>.</param>
    /// <param name="depth">Entries of each row.</param>
    /// <param name="panel">Receives <c>[depth][tileRows]</c>.</param>
    /// <param name="tileRows">Width of the panel.</param>
    public static void Run(float** rows, int count, int depth, float* panel, int tileRows)
    {
        Groups(rows, count, depth, panel, tileRows);
        if (count < tileRows) ClearRows(depth, panel + count, tileRows - count, tileRows);
    }

    /// <summary>Writes <c>panel[k * tileRows + row] = source[row * stride + k]</c> and nothing else.</summary>
    /// <param name="source">Start of the first row.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="count">Rows, few enough for a pointer to each on the stack.</param>
    /// <param name="depth">Entries of each row.</param>
    /// <param name="panel">Receives <c>[depth][count]</c>.</param>
    /// <param name="tileRows">Elements from one depth to the next.</param>
    public static void Run(float* source, nint stride, int count, int depth, float* panel, nint tileRows)
    {
        var rows = stackalloc float*[count];
        for (var row = 0; row < count; row++) rows[row] = source + row * stride;
        Groups(rows, count, depth, panel, tileRows);
    }

    /// <summary>Groups of rows as large as may be. The last begins so that it ends with the last row, over what is there already: cheaper than a partial group.</summary>
    private static void Groups(float** rows, int count, int depth, float* panel, nint tileRows)
    {
        if (Avx.IsSupported && count >= 8)
        {
            for (var row = 0; row < count; row += 8) EightRows(rows, Math.Min(row, count - 8), depth, panel, tileRows);
        }
        else if (count >= 4)
        {
            for (var row = 0; row < count; row += 4) FourRows(rows, Math.Min(row, count - 4), depth, panel, tileRows);
        }
        else
        {
            for (var row = 0; row < count; row++) OneRow(rows[row], depth, panel + row, tileRows);
        }
    }

    /// <summary>Two groups of four rows, each in one half of the vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightRows(float** rows, int first, int depth, float* panel, nint tileRows)
    {
        rows += first;
        panel += first;
        float* a = rows[0], b = rows[1], c = rows[2], d = rows[3], e = rows[4], f = rows[5], g = rows[6], h = rows[7];
        var k = 0;
        for (; k <= depth - 4; k += 4, panel += 4 * tileRows)
        {
            var ae = Vector256.Create(Vector128.Load(a + k), Vector128.Load(e + k));
            var bf = Vector256.Create(Vector128.Load(b + k), Vector128.Load(f + k));
            var cg = Vector256.Create(Vector128.Load(c + k), Vector128.Load(g + k));
            var dh = Vector256.Create(Vector128.Load(d + k), Vector128.Load(h + k));
            var (acLow, acHigh) = (Avx.UnpackLow(ae, cg), Avx.UnpackHigh(ae, cg));
            var (bdLow, bdHigh) = (Avx.UnpackLow(bf, dh), Avx.UnpackHigh(bf, dh));
            Avx.UnpackLow(acLow, bdLow).Store(panel);
            Avx.UnpackHigh(acLow, bdLow).Store(panel + tileRows);
            Avx.UnpackLow(acHigh, bdHigh).Store(panel + 2 * tileRows);
            Avx.UnpackHigh(acHigh, bdHigh).Store(panel + 3 * tileRows);
        }
        for (; k < depth; k++, panel += tileRows)
        {
            Vector256.Create(a[k], b[k], c[k], d[k], e[k], f[k], g[k], h[k]).Store(panel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows(float** rows, int first, int depth, float* panel, nint tileRows)
    {
        rows += first;
        panel += first;
        float* a = rows[0], b = rows[1], c = rows[2], d = rows[3];
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

    private static void OneRow(float* row, int depth, float* panel, nint tileRows)
    {
        for (var k = 0; k < depth; k++, panel += tileRows) *panel = row[k];
    }

    private static void ClearRows(int depth, float* panel, int count, int tileRows)
    {
        for (var k = 0; k < depth; k++, panel += tileRows) new Span<float>(panel, count).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store4x4(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* panel, nint tileRows)
    {
        var (acLow, acHigh) = (Interleave.Low(a, c), Interleave.High(a, c));
        var (bdLow, bdHigh) = (Interleave.Low(b, d), Interleave.High(b, d));
        Interleave.Low(acLow, bdLow).Store(panel);
        Interleave.High(acLow, bdLow).Store(panel + tileRows);
        Interleave.Low(acHigh, bdHigh).Store(panel + 2 * tileRows);
        Interleave.High(acHigh, bdHigh).Store(panel + 3 * tileRows);
    }
}
