namespace OnDeviceSora.Tensors.Tests.Reference;

/// <summary>Attention with whole score rows, in double precision, through the same <see cref="Sequences"/>.</summary>
internal static class AttentionReference
{
    /// <summary>Expects, over the whole tensor that receives the output, what was there before and the results of attention.</summary>
    public static Expectation Run(AttentionArguments a, float[] before)
    {
        var expected = new Expectation(before.Length);
        for (var i = 0; i < before.Length; i++) expected.Set(i, before[i], 0);
        for (var outer = 0; outer < a.Query.Outer; outer++)
        {
            for (var inner = 0; inner < a.Query.Inner; inner++)
            {
                for (var head = 0; head < a.Heads; head++)
                {
                    for (var query = 0; query < a.Query.Tokens; query++) One(a, expected, outer, inner, head, query);
                }
            }
        }
        return expected;
    }

    private static void One(AttentionArguments a, Expectation expected, int outer, int inner, int head, int query)
    {
        var keys = a.KeyLengths?[outer] ?? a.Key.Tokens;
        var (scores, largest) = (new double[keys], 0.0);
        var (q, qSizes) = Head(a, a.Query, a.QueryNorm, outer, inner, query, head);
        for (var key = 0; key < keys; key++)
        {
            var size = 0.0;
            var (k, kSizes) = Head(a, a.Key, a.KeyNorm, outer, inner, key, head);
            for (var c = 0; c < a.HeadSize; c++)
            {
                scores[key] += q[c] * k[c] * a.Scale;
                size += qSizes[c] * kSizes[c] * Math.Abs(a.Scale);
            }
            if (a.Bias is not null) scores[key] += a.Bias.Span[(head * a.Query.Tokens + query) * a.Key.Tokens + key];
            largest = Math.Max(largest, size + (double.IsFinite(scores[key]) ? Math.Abs(scores[key]) : 0));
        }
        var maximum = keys == 0 ? 0 : scores.Max();
        var weights = double.IsNegativeInfinity(maximum) ? new double[keys] : [.. scores.Select(s => Math.Exp(s - maximum))];
        var sum = weights.Sum();
        // A score is off by at most (head size + 4) roundings of its size, which changes its weight in that proportion,
        // in the numerator and in the sum; sums over keys add a rounding for each key, exp a few.
        var error = Expectation.Rounding * (2 * (a.HeadSize + 4 + HeadRoundings(a)) * largest + 2 * keys + 32);
        for (var c = 0; c < a.HeadSize; c++)
        {
            var (value, total) = (0.0, 0.0);
            for (var key = 0; key < keys; key++)
            {
                var product = weights[key] * At(a.Value, outer, inner, key, head, c, a);
                value += product;
                total += Math.Abs(product);
            }
            expected.Set(Index(a.Output, outer, inner, query, head, c, a), sum == 0 ? 0 : value / sum, sum == 0 ? 0 : error * total / sum);
        }
    }

    /// <summary>One head of a query or key after norm and rotation, and for each channel the size to which its error is relative.</summary>
    private static (double[] Values, double[] Sizes) Head(AttentionArguments a, Sequences s, Tensor? norm, int outer, int inner, int token, int head)
    {
        var values = Enumerable.Range(0, a.HeadSize).Select(c => (double)At(s, outer, inner, token, head, c, a)).ToArray();
        if (norm is not null)
        {
            var root = Math.Sqrt(values.Sum(v => v * v) / a.HeadSize + a.NormEpsilon);
            values = [.. values.Select((v, c) => v / root * norm.Span[c])];
        }
        return a.Rope is null ? (values, [.. values.Select(Math.Abs)]) : Rotate(values, a.Rope, token);
    }

    /// <summary>Neighbouring channels (2i, 2i + 1) as a complex number times that of the table.</summary>
    private static (double[] Values, double[] Sizes) Rotate(double[] x, RopeTable table, int position)
    {
        var (values, sizes) = (new double[x.Length], new double[x.Length]);
        for (var c = 0; c < x.Length; c += 2)
        {
            var at = position * x.Length + c;
            var turned = new System.Numerics.Complex(x[c], x[c + 1]) * new System.Numerics.Complex(table.Cosines.Span[at], table.Sines.Span[at + 1]);
            (values[c], values[c + 1]) = (turned.Real, turned.Imaginary);
            sizes[c] = sizes[c + 1] = Math.Abs(x[c]) + Math.Abs(x[c + 1]);
        }
        return (values, sizes);
    }

    /// <summary>What norm and rotation add to the roundings of a product of two channels.</summary>
    private static int HeadRoundings(AttentionArguments a) =>
        (a.QueryNorm is null ? 0 : a.HeadSize + 8) + (a.KeyNorm is null ? 0 : a.HeadSize + 8) + (a.Rope is null ? 0 : 8);

    private static float At(Sequences s, int outer, int inner, int token, int head, int c, AttentionArguments a) =>
        s.Tensor.Span[(int)Index(s, outer, inner, token, head, c, a)];

    private static long Index(Sequences s, int outer, int inner, int token, int head, int c, AttentionArguments a) =>
        s.Offset + outer * s.OuterStride + inner * s.InnerStride + token * s.TokenStride + head * a.HeadSize + c;
}
