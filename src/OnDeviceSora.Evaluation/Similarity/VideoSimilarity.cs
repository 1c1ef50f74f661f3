using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Similarity;

/// <summary>How alike two videos are, frame by frame.</summary>
/// <param name="Ssim">Mean structural similarity of the frames; see <see cref="StructuralSimilarity"/>.</param>
/// <param name="Psnr">Mean peak signal-to-noise ratio of the frames in decibels; see <see cref="PeakSignalToNoise"/>.</param>
public readonly record struct VideoSimilarity(double Ssim, double Psnr)
{
    /// <summary>Compares two videos.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other, with as many frames of the same size.</param>
    /// <exception cref="ArgumentException">The videos differ in length or size, or have no frames.</exception>
    public static VideoSimilarity Of(IReadOnlyList<VideoFrame> a, IReadOnlyList<VideoFrame> b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Count != b.Count || a.Count == 0) throw new ArgumentException($"The videos have {a.Count} and {b.Count} frames; they must have the same number, at least 1.");
        var pairs = a.Zip(b).ToList();
        return new VideoSimilarity(pairs.Average(p => StructuralSimilarity.Of(p.First, p.Second)), pairs.Average(p => PeakSignalToNoise.Of(p.First, p.Second)));
    }
}
