using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// The running softmax of attention, down the keys of a block of scores <c>[keys][queries]</c>. Each lane is a query, so
/// nothing is ever summed or compared across lanes.
/// </summary>
internal static unsafe class ScoreSoftmax
{
    /// <summary>Below every score that is a number, so that a query without keys gets no weight instead of NaN.</summary>
    public const float NoMaximum = float.MinValue;

    private const float MinusLn2 = -0.693147181f;

    /// <summary>Turns scores into weights, relative to the largest score of each query so far.</summary>
    /// <param name="width">Width of the micro-kernel, two vectors of which are the queries.</param>
    /// <param name="scores"><c>[keys][queries]</c>, of which <c>exp(score - maximum)</c> is made.</param>
    /// <param name="keys">Keys of the block.</param>
    /// <param name="maxima">For each query the largest score so far, at first <see cref="NoMaximum"/>.</param>
    /// <param name="sums">For each query the sum of its weights so far, at first 0.</param>
    /// <param name="corrections">Receives for each query the factor by which a maximum that grew shrinks what was summed before.</param>
    public static void Run(VectorWidth width, float* scores, int keys, float* maxima, float* sums, float* corrections)
    {
        if (width == VectorWidth.Bits512) Run<Lanes512>(scores, keys, maxima, sums, corrections);
        else if (width == VectorWidth.Bits256) Run<Lanes256>(scores, keys, maxima, sums, corrections);
        else Run<Lanes128>(scores, keys, maxima, sums, corrections);
    }

    /// <summary>Multiplies each query's column of a block <c>[rows][queries]</c> by a factor of its own.</summary>
    public static void Scale(VectorWidth width, float* block, int rows, float* factors)
    {
        if (width == VectorWidth.Bits512) Scale<Lanes512>(block, rows, factors);
        else if (width == VectorWidth.Bits256) Scale<Lanes256>(block, rows, factors);
        else Scale<Lanes128>(block, rows, factors);
    }

    private static void Run<T>(float* scores, int keys, float* maxima, float* sums, float* corrections)
        where T : struct, ILanes<T>
    {
        var (oldA, oldB) = (T.Load(maxima), T.Load(maxima + T.Count));
        Maximum<T>(scores, keys, maxima);
        var (maximumA, maximumB) = (T.Load(maxima), T.Load(maxima + T.Count));
        var (correctionA, correctionB) = (Exp(oldA - maximumA), Exp(oldB - maximumB));
        correctionA.Store(corrections);
        correctionB.Store(corrections + T.Count);
        (T.Load(sums) * correctionA).Store(sums);
        (T.Load(sums + T.Count) * correctionB).Store(sums + T.Count);
        Exponentials<T>(scores, keys, maxima, sums);
    }

    // Several chains of maxima at once: one would wait for each comparison to end.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Maximum<T>(float* scores, int keys, float* maxima)
        where T : struct, ILanes<T>
    {
        var (a, b) = (T.Load(maxima), T.Load(maxima + T.Count));
        var (c, d, e, f, g, h) = (a, b, a, b, a, b);
        var row = scores;
        var end = scores + (nint)keys * 2 * T.Count;
        for (; row + 8 * T.Count <= end; row += 8 * T.Count)
        {
            a = T.Max(T.Load(row), a);
            b = T.Max(T.Load(row + T.Count), b);
            c = T.Max(T.Load(row + 2 * T.Count), c);
            d = T.Max(T.Load(row + 3 * T.Count), d);
            e = T.Max(T.Load(row + 4 * T.Count), e);
            f = T.Max(T.Load(row + 5 * T.Count), f);
            g = T.Max(T.Load(row + 6 * T.Count), g);
            h = T.Max(T.Load(row + 7 * T.Count), h);
        }
        for (; row < end; row += 2 * T.Count)
        {
            a = T.Max(T.Load(row), a);
            b = T.Max(T.Load(row + T.Count), b);
        }
        T.Max(T.Max(a, c), T.Max(e, g)).Store(maxima);
        T.Max(T.Max(b, d), T.Max(f, h)).Store(maxima + T.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exponentials<T>(float* scores, int keys, float* maxima, float* sums)
        where T : struct, ILanes<T>
    {
        var (maximumA, maximumB) = (T.Load(maxima), T.Load(maxima + T.Count));
        var (sumA, sumB) = (T.Load(sums), T.Load(sums + T.Count));
        var end = scores + (nint)keys * 2 * T.Count;
        for (var row = scores; row < end; row += 2 * T.Count)
        {
            var a = Exp(T.Load(row) - maximumA);
            var b = Exp(T.Load(row + T.Count) - maximumB);
            a.Store(row);
            b.Store(row + T.Count);
            sumA += a;
            sumB += b;
        }
        sumA.Store(sums);
        sumB.Store(sums + T.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale<T>(float* block, int rows, float* factors)
        where T : struct, ILanes<T>
    {
        var (a, b) = (T.Load(factors), T.Load(factors + T.Count));
        var end = block + (nint)rows * 2 * T.Count;
        for (; block < end; block += 2 * T.Count)
        {
            (T.Load(block) * a).Store(block);
            (T.Load(block + T.Count) * b).Store(block + T.Count);
        }
    }

    /// <summary>e to the x for x of at most 0, within a relative error of 2e-7; 0 from -87.7 down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Exp<T>(T x)
        where T : struct, ILanes<T>
    {
        // From there on the exponent's bits are those of 0.
        x = T.Max(T.Create(-88), x);
        var biased = T.MultiplyAdd(x, T.Create(VectorMath.Log2E), T.Create(VectorMath.Rounder));
        var n = biased - T.Create(VectorMath.Rounder);
        // One part of ln 2 will do: where n is large enough for its error to count, the result is not.
        var r = T.MultiplyAdd(n, T.Create(MinusLn2), x);

        // Fitted to the least largest relative error over |r| <= ln(2)/2, with exp(0) = 1.
        var p = T.MultiplyAdd(r, T.Create(0.00831250194f), T.Create(0.0418903306f));
        p = T.MultiplyAdd(p, r, T.Create(0.166671157f));
        p = T.MultiplyAdd(p, r, T.Create(0.499992311f));
        p = T.MultiplyAdd(p, r, T.Create(1));
        p = T.MultiplyAdd(p, r, T.Create(1));
        return p * T.ShiftLeft(biased, 23);
    }
}
