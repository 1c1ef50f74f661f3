using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.VBench;

/// <summary>VBench's motion smoothness, from what a network for frame interpolation made of every second frame.</summary>
public static class MotionSmoothness
{
    /// <summary>(255 - mean absolute difference of the odd frames and their interpolations) / 255.</summary>
    /// <param name="original">The video.</param>
    /// <param name="rebuilt">The video rebuilt from its even frames: interpolations at the odd places. May end earlier.</param>
    /// <exception cref="ArgumentException">There is no odd frame in both, or sizes differ.</exception>
    public static double Score(IReadOnlyList<VideoFrame> original, IReadOnlyList<VideoFrame> rebuilt)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(rebuilt);
        var odd = original.Zip(rebuilt).Where((_, i) => i % 2 == 1).ToList();
        if (odd.Count == 0) throw new ArgumentException($"The videos have {original.Count} and {rebuilt.Count} frames; smoothness needs 2.");
        return (255 - odd.Average(pair => FramePair.MeanDifference(pair.First, pair.Second))) / 255;
    }
}
