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
        for (var key = 0; key < keys; key++)
        {
            var size = 0.0;
            for (var c = 0; c < a.HeadSize; c++)
            {
                var product = (double)At(a.Query, outer, inner, query, head, c, a) * At(a.Key, outer, inner, key, head, c, a) * a.Scale;
                scores[key] += product;
                size += Math.Abs(product);
            }
            if (a.Bias is not null) scores[key] += a.Bias.Span[(head * a.Query.Tokens + query) * a.Key.Tokens + key];
            largest = Math.Max(largest, size + (double.IsFinite(scores[key]) ? Math.Abs(scores[key]) : 0));
        }
        var maximum = keys == 0 ? 0 : scores.Max();
        var weights = double.IsNegativeInfinity(maximum) ? new double[keys] : [.. scores.Select(s => Math.Exp(s - maximum))];
        var sum = weights.Sum();
        // A score is off by at most (head size + 4) roundings of its size, which changes its weight in that proportion,
        // in the numerator and in the sum; sums over keys add a rounding for each key, exp a few.
        var error = Expectation.Rounding * (2 * (a.HeadSize + 4) * largest + 2 * keys + 32);
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

    private static float At(Sequences s, int outer, int inner, int token, int head, int c, AttentionArguments a) =>
        s.Tensor.Span[(int)Index(s, outer, inner, token, head, c, a)];

    private static long Index(Sequences s, int outer, int inner, int token, int head, int c, AttentionArguments a) =>
        s.Offset + outer * s.OuterStride + inner * s.InnerStride + token * s.TokenStride + head * a.HeadSize + c;
}
