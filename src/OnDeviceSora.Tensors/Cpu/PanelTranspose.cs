using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Turns rows that lie apart into a panel <c>[depth][tileRows]</c>, four rows at a time.</summary>
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
        var row = 0;
        for (; row + 4 <= count; row += 4) FourRows(rows[row], rows[row + 1], rows[row + 2], rows[row + 3], depth, panel + row, tileRows);
        if (row < count && count >= 4)
        {
            // The last four once more, over what is there already: cheaper than a partial group.
            FourRows(rows[count - 4], rows[count - 3], rows[count - 2], rows[count - 1], depth, panel + count - 4, tileRows);
            row = count;
        }
        for (; row < count; row++) OneRow(rows[row], depth, panel + row, tileRows);
        if (count < tileRows) ClearRows(depth, panel + count, tileRows - count, tileRows);
    }

    /// <summary>Writes <c>panel[k * tileRows + row] = source[row * stride + k]</c> and nothing else.</summary>
    /// <param name="source">Start of the first row.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="count">Rows.</param>
    /// <param name="depth">Entries of each row.</param>
    /// <param name="panel">Receives <c>[depth][count]</c>.</param>
    /// <param name="tileRows">Elements from one depth to the next.</param>
    public static void Run(float* source, nint stride, int count, int depth, float* panel, nint tileRows)
    {
        var row = 0;
        for (; row + 4 <= count; row += 4) FourRows(source + row * stride, stride, depth, panel + row, tileRows);
        if (row < count && count >= 4)
        {
            FourRows(source + (count - 4) * stride, stride, depth, panel + count - 4, tileRows);
            row = count;
        }
        for (; row < count; row++) OneRow(source + row * stride, depth, panel + row, tileRows);
    }

    private static void FourRows(float* source, nint stride, int depth, float* panel, nint tileRows) =>
        FourRows(source, source + stride, source + 2 * stride, source + 3 * stride, depth, panel, tileRows);

    private static void FourRows(float* a, float* b, float* c, float* d, int depth, float* panel, nint tileRows)
    {
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
