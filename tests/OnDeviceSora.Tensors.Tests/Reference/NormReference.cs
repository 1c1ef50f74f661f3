namespace OnDeviceSora.Tensors.Tests.Reference;

/// <summary>
/// The normalisations in double precision. Their sums are positive or of centred values, so that the relative error of a
/// row of n is below n + 8 roundings: of the mean, relative to the largest value; of the spread, relative to itself.
/// </summary>
internal static class NormReference
{
    public static Expectation LayerNorm(float[] x, int width, double epsilon, float[]? shift, float[]? scale, int rowsPerGroup)
    {
        var expected = new Expectation(x.Length);
        for (var row = 0; row < x.Length / Math.Max(1, width); row++)
        {
            var values = Numbers.Doubles(x.AsSpan(row * width, width));
            var (mean, deviation) = Spread(values, epsilon);
            var largest = values.Max(Math.Abs);
            for (var c = 0; c < width; c++)
            {
                var group = shift is null ? 0 : row / rowsPerGroup * width + c;
                var factor = scale is null ? 1 : 1 + scale[group];
                var offset = shift is null ? 0 : shift[group];
                var normal = (values[c] - mean) / deviation;
                var error = (width + 8) * (Math.Abs(normal) + largest / deviation) * Math.Abs(factor) + 4 * Math.Abs(offset);
                expected.Set(row * width + c, normal * factor + offset, Expectation.Rounding * (error + 4 * Math.Abs(normal)));
            }
        }
        return expected;
    }

    public static Expectation RmsNorm(float[] x, int width, float[] weight, double epsilon)
    {
        var expected = new Expectation(x.Length);
        for (var row = 0; row < x.Length / Math.Max(1, width); row++)
        {
            var root = Math.Sqrt(Numbers.Doubles(x.AsSpan(row * width, width)).Sum(v => v * v) / width + epsilon);
            for (var c = 0; c < width; c++)
            {
                var value = x[row * width + c] / root * weight[c];
                expected.Set(row * width + c, value, Expectation.Rounding * (width + 8) * Math.Abs(value));
            }
        }
        return expected;
    }

    /// <summary>Data <c>[items, positions, channels]</c>.</summary>
    public static Expectation GroupNorm(float[] x, int items, int channels, int groups, float[] weight, float[] bias, double epsilon, bool silu)
    {
        var (expected, size) = (new Expectation(x.Length), channels / groups);
        var positions = x.Length / Math.Max(1, items * channels);
        for (var item = 0; item < items; item++)
        {
            for (var group = 0; group < groups; group++)
            {
                var indices = new List<int>();
                for (var p = 0; p < positions; p++)
                {
                    for (var c = group * size; c < (group + 1) * size; c++) indices.Add((item * positions + p) * channels + c);
                }
                if (indices.Count == 0) continue;
                var values = indices.Select(i => (double)x[i]).ToArray();
                var (mean, deviation) = Spread(values, epsilon);
                var largest = values.Max(Math.Abs);
                foreach (var i in indices)
                {
                    var (w, b) = (weight[i % channels], bias[i % channels]);
                    var linear = (x[i] - mean) / deviation * w + b;
                    // Sums run over at most 128 positions in single precision, and mean and offset are folded.
                    var error = 160 * Math.Abs(w) * 2 * largest / deviation + 16 * (Math.Abs(b) + Math.Abs(linear));
                    expected.Set(i, silu ? ScalarFunctions.Silu(linear) : linear, Expectation.Rounding * error * 1.2);
                }
            }
        }
        return expected;
    }

    private static (double Mean, double Deviation) Spread(double[] values, double epsilon)
    {
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length + epsilon));
    }
}
