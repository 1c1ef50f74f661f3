using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Similarity;

/// <summary>Peak signal-to-noise ratio (PSNR) of two pictures in decibels.</summary>
public static class PeakSignalToNoise
{
    /// <summary>What equal pictures get, for which the ratio is infinite.</summary>
    public const double OfEqual = 100;

    private const double SmallestError = 1e-10;

    /// <summary>The ratio over all pixels and channels, with values from 0 to 1.</summary>
    /// <exception cref="ArgumentException">The frames differ in size.</exception>
    public static double Of(VideoFrame a, VideoFrame b)
    {
        FramePair.RequireSameSize(a, b);
        var squares = 0L;
        for (var i = 0; i < a.Rgb.Length; i++)
        {
            var difference = a.Rgb[i] - b.Rgb[i];
            squares += difference * difference;
        }

        var error = squares / (255.0 * 255.0) / a.Rgb.Length;
        return error < SmallestError ? OfEqual : -10 * Math.Log10(error);
    }
}
