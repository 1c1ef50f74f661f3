using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.VBench;

/// <summary>VBench's temporal flickering: 1 for a video that does not change at all.</summary>
public static class TemporalFlickering
{
    /// <summary>(255 - mean absolute difference of neighbouring frames) / 255.</summary>
    /// <param name="frames">Two frames or more.</param>
    /// <exception cref="ArgumentException">There are fewer, or their sizes differ.</exception>
    public static double Score(IReadOnlyList<VideoFrame> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Count < 2) throw new ArgumentException($"The video has {frames.Count} frames; flickering needs 2.");
        return (255 - MotionEnergy.Of(frames)) / 255;
    }
}
