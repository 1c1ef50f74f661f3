using OnDeviceSora.Evaluation.World;
using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>Reads background, colour, shape, size and motion of the one thing in a clip of the embedded model's world, from its frames alone.</summary>
public static class SceneReader
{
    // Fewer pixels of a thing than these are noise: in the mean of all frames, and in one frame.
    private const int FewestPixels = 10, FewestFrames = 8;
    private const double SmallestArea = 12;

    /// <summary>Reads a clip.</summary>
    /// <param name="frames">Its frames, <see cref="Clip.Side"/> pixels wide and high; 8 or more.</param>
    /// <exception cref="ArgumentException">There are fewer frames, or they are of another size.</exception>
    public static SceneReading Read(IReadOnlyList<VideoFrame> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Count < FewestFrames) throw new ArgumentException($"The clip has {frames.Count} frames; {FewestFrames} are needed.");
        var pictures = frames.Select(ToPicture).ToArray();
        var background = BackgroundReader.Read(pictures);
        var foreground = Foreground.Of(pictures, background);
        if (foreground.Pixels < FewestPixels * pictures.Length) return new SceneReading(background);

        var colour = foreground.Colour();
        var outlines = pictures.Select((picture, frame) => Outline.Of(picture, foreground, frame, background, colour)).ToArray();
        var seen = Enumerable.Range(0, outlines.Length).Where(frame => outlines[frame].Area > SmallestArea).ToArray();
        if (seen.Length < FewestFrames) return new SceneReading(background, colour);

        var motion = MotionReader.Read(outlines, seen);
        var figure = FigureReader.Read(outlines);
        var radius = seen.Average(frame => FigureReader.Radius(figure, outlines[frame].Area)) / MotionReader.MeanGrowth(motion);
        return new SceneReading(background, colour, figure, Radii.Nearest(radius), motion);
    }

    private static Rgb[] ToPicture(VideoFrame frame)
    {
        if (frame.Width != Clip.Side || frame.Height != Clip.Side)
            throw new ArgumentException($"A frame is {frame.Width}x{frame.Height}; clips of the world are {Clip.Side}x{Clip.Side}.");
        return [.. Enumerable.Range(0, Clip.Pixels).Select(i => new Rgb(frame.Rgb[3 * i], frame.Rgb[3 * i + 1], frame.Rgb[3 * i + 2]))];
    }
}
