using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Writes rows of weights, which lie one behind the other, into columns of a panel <c>[depth][tile columns]</c>, whatever their precision.</summary>
internal static unsafe class PanelFill
{
    /// <summary>Rows that are transposed together.</summary>
    private const int GroupRows = 8;

    /// <summary>Bytes of each row that are read before the next group of rows: a cache line.</summary>
    private const int StretchBytes = 64;

    /// <summary>Transposes; columns of the panel beyond those are not touched.</summary>
    /// <param name="elementBytes">Size of an element: 1, 2 or 4.</param>
    /// <param name="rows">Rows <c>[count, depth]</c>.</param>
    /// <param name="count">Rows, at most <paramref name="tileColumns"/>.</param>
    /// <param name="depth">Elements of a row.</param>
    /// <param name="columns">The first row's column in the panel, at depth 0.</param>
    /// <param name="tileColumns">Width of the panel.</param>
    public static void Run(int elementBytes, byte* rows, int count, int depth, byte* columns, int tileColumns)
    {
        switch (elementBytes)
        {
            case 1: Run(rows, count, depth, columns, tileColumns); break;
            case 2: Run((ushort*)rows, count, depth, (ushort*)columns, tileColumns); break;
            default: Run((float*)rows, count, depth, (float*)columns, tileColumns); break;
        }
    }

    // Optimised from the first call on: a loader packs its first block with it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<T>(T* rows, int count, int depth, T* columns, int tileColumns)
        where T : unmanaged
    {
        var lanes = Vector128<T>.Count;
        if (count < GroupRows || depth < lanes)
        {
            OneByOne(rows, count, depth, columns, tileColumns);
            return;
        }
        var stretch = StretchBytes / sizeof(T);
        for (var start = 0; start < depth; start += stretch)
        {
            var end = Math.Min(depth, start + stretch);
            for (var group = 0; group < count; group += GroupRows)
            {
                // The last rows, and the last depths, once more over what is there already: cheaper than a partial square.
                var row = Math.Min(group, count - GroupRows);
                for (var k = start; k < end; k += lanes)
                {
                    var from = Math.Min(k, depth - lanes);
                    EightRows(rows + (nint)row * depth + from, depth, columns + (nint)from * tileColumns + row, tileColumns);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByOne<T>(T* rows, int count, int depth, T* columns, int tileColumns)
        where T : unmanaged
    {
        for (var k = 0; k < depth; k++, columns += tileColumns)
        {
            for (var row = 0; row < count; row++) columns[row] = rows[(nint)row * depth + k];
        }
    }

    /// <summary>
    /// Eight rows of one vector each. Interleaving the first half of eight vectors with the second half moves every element's
    /// index one bit round; after three rounds the rows' bits have become the lowest, so that each depth's eight elements follow
    /// each other.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EightRows<T>(T* rows, nint depth, T* columns, nint tileColumns)
        where T : unmanaged
    {
        var half = rows + 4 * depth;
        Round(
            Vector128.Load(rows), Vector128.Load(rows + depth), Vector128.Load(rows + 2 * depth), Vector128.Load(rows + 3 * depth),
            Vector128.Load(half), Vector128.Load(half + depth), Vector128.Load(half + 2 * depth), Vector128.Load(half + 3 * depth),
            out var a, out var b, out var c, out var d, out var e, out var f, out var g, out var h);
        Round(a, b, c, d, e, f, g, h, out a, out b, out c, out d, out e, out f, out g, out h);
        Round(a, b, c, d, e, f, g, h, out a, out b, out c, out d, out e, out f, out g, out h);
        if (sizeof(T) == 4)
        {
            StorePair(a, b, columns);
            StorePair(c, d, columns + tileColumns);
            StorePair(e, f, columns + 2 * tileColumns);
            StorePair(g, h, columns + 3 * tileColumns);
            return;
        }
        var step = sizeof(T) == 2 ? tileColumns : 2 * tileColumns;
        Store(a, columns, tileColumns);
        Store(b, columns + step, tileColumns);
        Store(c, columns + 2 * step, tileColumns);
        Store(d, columns + 3 * step, tileColumns);
        columns += 4 * step;
        Store(e, columns, tileColumns);
        Store(f, columns + step, tileColumns);
        Store(g, columns + 2 * step, tileColumns);
        Store(h, columns + 3 * step, tileColumns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round<T>(
        Vector128<T> a, Vector128<T> b, Vector128<T> c, Vector128<T> d, Vector128<T> e, Vector128<T> f, Vector128<T> g, Vector128<T> h,
        out Vector128<T> a2, out Vector128<T> b2, out Vector128<T> c2, out Vector128<T> d2,
        out Vector128<T> e2, out Vector128<T> f2, out Vector128<T> g2, out Vector128<T> h2)
        where T : unmanaged
    {
        a2 = Interleave.Low(a, e);
        b2 = Interleave.High(a, e);
        c2 = Interleave.Low(b, f);
        d2 = Interleave.High(b, f);
        e2 = Interleave.Low(c, g);
        f2 = Interleave.High(c, g);
        g2 = Interleave.Low(d, h);
        h2 = Interleave.High(d, h);
    }

    /// <summary>A vector that holds one depth's eight elements, or two depths' when they are bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(Vector128<T> vector, T* columns, nint tileColumns)
        where T : unmanaged
    {
        if (sizeof(T) == 2)
        {
            vector.Store(columns);
            return;
        }
        vector.GetLower().Store(columns);
        vector.GetUpper().Store(columns + tileColumns);
    }

    /// <summary>Two vectors that hold one depth's eight elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair<T>(Vector128<T> low, Vector128<T> high, T* columns)
        where T : unmanaged
    {
        low.Store(columns);
        high.Store(columns + Vector128<T>.Count);
    }
}
