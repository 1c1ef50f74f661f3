using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Similarity;

/// <summary>How much moves in a video, without optical flow: 0 for a still picture.</summary>
public static class MotionEnergy
{
    /// <summary>Mean absolute difference of neighbouring frames, in 8-bit levels: 0 to 255.</summary>
    /// <param name="frames">Frames of one size; of fewer than two nothing moves.</param>
    /// <exception cref="ArgumentException">Their sizes differ.</exception>
    public static double Of(IReadOnlyList<VideoFrame> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return frames.Count < 2 ? 0 : Enumerable.Range(1, frames.Count - 1).Average(i => FramePair.MeanDifference(frames[i - 1], frames[i]));
    }
}
