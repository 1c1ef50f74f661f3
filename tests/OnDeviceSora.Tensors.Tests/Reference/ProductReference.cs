namespace OnDeviceSora.Tensors.Tests.Reference;

/// <summary>The parts of an <see cref="Epilogue"/> as plain arrays.</summary>
internal sealed record EpilogueValues(float[]? Bias, Activation Activation, float[]? Gate, int RowsPerGate, float[]? Residual)
{
    public static EpilogueValues None { get; } = new(null, Activation.None, null, 0, null);
}

/// <summary>Matrix product and convolution, one sum after another, in double precision.</summary>
internal static class ProductReference
{
    public static Expectation MatMul(float[] a, float[] weights, int rows, int columns, int depth, EpilogueValues epilogue)
    {
        var expected = new Expectation((long)rows * columns);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var (sum, size) = (0.0, 0.0);
                for (var k = 0; k < depth; k++)
                {
                    var product = (double)a[row * depth + k] * weights[column * depth + k];
                    sum += product;
                    size += Math.Abs(product);
                }
                Finish(expected, row, column, columns, sum, size, depth, epilogue);
            }
        }
        return expected;
    }

    /// <summary>Input <c>[T, H, W, in]</c>, weights <c>[out, in, kT, kH, kW]</c>; the output size is counted, not computed.</summary>
    public static (Expectation Expected, int[] Shape) Convolution(
        float[] input, int[] size, float[] weights, int outputs, ConvolutionGeometry geometry, EpilogueValues epilogue)
    {
        int[] output = [Positions(size[0], geometry.Time), Positions(size[1], geometry.Height), Positions(size[2], geometry.Width), outputs];
        var expected = new Expectation((long)output[0] * output[1] * output[2] * outputs);
        var row = 0;
        for (var t = 0; t < output[0]; t++)
        {
            for (var y = 0; y < output[1]; y++)
            {
                for (var x = 0; x < output[2]; x++, row++)
                {
                    for (var o = 0; o < outputs; o++) Position(expected, row, (t, y, x), o, input, size, weights, outputs, geometry, epilogue);
                }
            }
        }
        return (expected, output);
    }

    private static void Position(
        Expectation expected, int row, (int T, int Y, int X) at, int o, float[] input, int[] size, float[] weights, int outputs,
        ConvolutionGeometry g, EpilogueValues epilogue)
    {
        var (sum, total, channels, weight) = (0.0, 0.0, size[3], o * size[3] * g.Time.Kernel * g.Height.Kernel * g.Width.Kernel);
        for (var c = 0; c < channels; c++)
        {
            for (var kt = 0; kt < g.Time.Kernel; kt++)
            {
                for (var ky = 0; ky < g.Height.Kernel; ky++)
                {
                    for (var kx = 0; kx < g.Width.Kernel; kx++, weight++)
                    {
                        var t = at.T * g.Time.Stride + kt - g.Time.PadBefore;
                        var y = at.Y * g.Height.Stride + ky - g.Height.PadBefore;
                        var x = at.X * g.Width.Stride + kx - g.Width.PadBefore;
                        if (t < 0 || t >= size[0] || y < 0 || y >= size[1] || x < 0 || x >= size[2]) continue;
                        var product = (double)input[((t * size[1] + y) * size[2] + x) * channels + c] * weights[weight];
                        sum += product;
                        total += Math.Abs(product);
                    }
                }
            }
        }
        Finish(expected, row, o, outputs, sum, total, channels * g.Time.Kernel * g.Height.Kernel * g.Width.Kernel, epilogue);
    }

    /// <summary>How often the kernel fits the padded axis.</summary>
    private static int Positions(int size, ConvolutionAxis axis)
    {
        var count = 0;
        for (var start = -axis.PadBefore; start + axis.Kernel <= size + axis.PadAfter; start += axis.Stride) count++;
        return count;
    }

    /// <summary>
    /// The error of a sum of n products is at most n roundings of the sum of their sizes, whatever the order. The slope of
    /// the activations is below 1.2, and their own error below 8 roundings of their argument.
    /// </summary>
    private static void Finish(Expectation expected, int row, int column, int columns, double sum, double size, int depth, EpilogueValues e)
    {
        var bias = e.Bias is null ? 0 : e.Bias[column];
        var gate = e.Gate is null ? 1 : e.Gate[row / e.RowsPerGate * columns + column];
        var residual = e.Residual is null ? 0 : e.Residual[row * columns + column];
        var value = ScalarFunctions.Apply(e.Activation, sum + bias);
        var error = 1.2 * (depth + 2) * (size + Math.Abs(bias)) + 8 * Math.Abs(sum + bias);
        var result = residual + gate * value;
        var tolerance = Expectation.Rounding * (Math.Abs(gate) * error + 2 * Math.Abs(gate * value) + 2 * Math.Abs(result));
        expected.Set((long)row * columns + column, result, tolerance + 1e-37);
    }
}
