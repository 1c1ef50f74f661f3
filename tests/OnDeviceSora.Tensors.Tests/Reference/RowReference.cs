namespace OnDeviceSora.Tensors.Tests.Reference;

/// <summary>Softmax and frame pairs in double precision.</summary>
internal static class RowReference
{
    public static Expectation Softmax(float[] x, int width)
    {
        var expected = new Expectation(x.Length);
        for (var row = 0; row < x.Length / Math.Max(1, width); row++)
        {
            var values = Numbers.Doubles(x.AsSpan(row * width, width));
            var maximum = values.Max();
            var weights = values.Select(v => Math.Exp(v - maximum)).ToArray();
            var sum = weights.Sum();
            for (var c = 0; c < width; c++)
            {
                // Rounding the difference to the maximum changes its exponential in proportion to it. Exponentials below
                // the smallest normal number become 0.
                var distance = double.IsNegativeInfinity(values[c]) ? 0 : maximum - values[c];
                expected.Set(row * width + c, weights[c] / sum, Expectation.Rounding * (distance + width + 8) * weights[c] / sum + 2e-38);
            }
        }
        return expected;
    }

    /// <summary>Frames <c>[batch, T, length]</c>. A half of a sum is rounded once.</summary>
    public static Expectation Average(float[] x, int batch, int frames, int length)
    {
        var (merged, next) = (new Expectation((long)batch * (frames / 2) * length), 0);
        for (var item = 0; item < batch; item++)
        {
            for (var pair = 0; pair < frames / 2; pair++)
            {
                for (var i = 0; i < length; i++)
                {
                    var mean = (x[(item * frames + 2 * pair) * length + i] + (double)x[(item * frames + 2 * pair + 1) * length + i]) / 2;
                    merged.Set(next++, mean, Expectation.Rounding * Math.Abs(mean));
                }
            }
        }
        return merged;
    }

    /// <summary>Frame t takes the merged frame that it is part of; a last odd one, and a single one, the last there is.</summary>
    public static Expectation AddExpanded(float[] x, float[] merged, int batch, int frames, int positions, int width, float[]? gate, int rowsPerGate)
    {
        var (expected, mergedFrames) = (new Expectation(x.Length), frames < 2 ? 1 : frames / 2);
        for (var i = 0; i < x.Length; i++)
        {
            var (row, channel) = (i / width, i % width);
            var (item, frame, position) = (row / positions / frames, row / positions % frames, row % positions);
            var source = frame / 2 < mergedFrames ? frame / 2 : mergedFrames - 1;
            var value = merged[((item * mergedFrames + source) * positions + position) * width + channel] * (double)(gate is null ? 1 : gate[row / rowsPerGate * width + channel]);
            expected.Set(i, x[i] + value, Expectation.Rounding * (Math.Abs(value) + Math.Abs(x[i] + value)));
        }
        return expected;
    }
}
