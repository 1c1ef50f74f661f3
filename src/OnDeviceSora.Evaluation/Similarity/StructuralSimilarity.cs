using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Similarity;

/// <summary>
/// Structural similarity (SSIM) of two pictures, 1 for equal ones: one scale, a Gaussian window of 11 x 11 with sigma 1.5, values
/// from 0 to 1, biased covariance, only windows that lie inside the picture; the mean over windows and channels
/// (Wang, Bovik, Sheikh and Simoncelli, 2004).
/// </summary>
public static class StructuralSimilarity
{
    /// <summary>Side of the window in pixels: the smallest picture that can be compared.</summary>
    public const int WindowSide = 11;

    private const double Sigma = 1.5, C1 = 0.01 * 0.01, C2 = 0.03 * 0.03;

    private static readonly double[] Window = GaussianWindow();

    /// <summary>The similarity of two pictures.</summary>
    /// <exception cref="ArgumentException">The frames differ in size or are smaller than the window.</exception>
    public static double Of(VideoFrame a, VideoFrame b)
    {
        FramePair.RequireSameSize(a, b);
        if (a.Width < WindowSide || a.Height < WindowSide)
            throw new ArgumentException($"The frames are {a.Width}x{a.Height}; the similarity needs {WindowSide}x{WindowSide} at least.");
        return (OfChannel(a, b, 0) + OfChannel(a, b, 1) + OfChannel(a, b, 2)) / 3;
    }

    private static double OfChannel(VideoFrame a, VideoFrame b, int channel)
    {
        var (x, y) = (Plane(a, channel), Plane(b, channel));
        var (meanX, meanY) = (Filtered(x), Filtered(y));
        var (squareX, squareY, product) = (Filtered(Product(x, x)), Filtered(Product(y, y)), Filtered(Product(x, y)));
        var sum = 0.0;
        for (var i = 0; i < meanX.Length; i++)
        {
            var (mx, my) = (meanX[i], meanY[i]);
            var (varianceX, varianceY, covariance) = (squareX[i] - mx * mx, squareY[i] - my * my, product[i] - mx * my);
            sum += (2 * mx * my + C1) * (2 * covariance + C2) / ((mx * mx + my * my + C1) * (varianceX + varianceY + C2));
        }

        return sum / meanX.Length;

        double[] Filtered(double[] plane) => FilterColumns(FilterRows(plane, a.Width), a.Width - WindowSide + 1);
    }

    private static double[] Plane(VideoFrame frame, int channel)
    {
        var plane = new double[frame.Width * frame.Height];
        for (var i = 0; i < plane.Length; i++) plane[i] = frame.Rgb[3 * i + channel] / 255.0;
        return plane;
    }

    private static double[] Product(double[] x, double[] y)
    {
        var product = new double[x.Length];
        for (var i = 0; i < product.Length; i++) product[i] = x[i] * y[i];
        return product;
    }

    private static double[] FilterRows(double[] plane, int width)
    {
        var (rows, inside) = (plane.Length / width, width - WindowSide + 1);
        var result = new double[rows * inside];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < inside; column++) result[row * inside + column] = Weighted(plane, row * width + column, 1);
        }

        return result;
    }

    private static double[] FilterColumns(double[] plane, int width)
    {
        var result = new double[plane.Length - (WindowSide - 1) * width];
        for (var i = 0; i < result.Length; i++) result[i] = Weighted(plane, i, width);
        return result;
    }

    private static double Weighted(double[] plane, int first, int stride)
    {
        var sum = 0.0;
        for (var tap = 0; tap < WindowSide; tap++) sum += Window[tap] * plane[first + tap * stride];
        return sum;
    }

    private static double[] GaussianWindow()
    {
        var weights = Enumerable.Range(0, WindowSide).Select(i => Math.Exp(-Math.Pow(i - WindowSide / 2, 2) / (2 * Sigma * Sigma))).ToArray();
        return [.. weights.Select(weight => weight / weights.Sum())];
    }
}
