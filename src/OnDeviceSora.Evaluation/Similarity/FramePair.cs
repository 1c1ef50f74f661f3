using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Similarity;

/// <summary>What must hold before two frames are compared.</summary>
internal static class FramePair
{
    /// <exception cref="ArgumentException">The frames differ in size.</exception>
    public static void RequireSameSize(VideoFrame a, VideoFrame b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Width != b.Width || a.Height != b.Height)
            throw new ArgumentException($"The frames are {a.Width}x{a.Height} and {b.Width}x{b.Height}; only frames of one size can be compared.");
    }

    /// <summary>Mean absolute difference of all bytes, 0 to 255.</summary>
    public static double MeanDifference(VideoFrame a, VideoFrame b)
    {
        RequireSameSize(a, b);
        var sum = 0L;
        for (var i = 0; i < a.Rgb.Length; i++) sum += Math.Abs(a.Rgb[i] - b.Rgb[i]);
        return (double)sum / a.Rgb.Length;
    }
}
