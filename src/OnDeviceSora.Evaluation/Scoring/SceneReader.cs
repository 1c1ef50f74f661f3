using OnDeviceSora.Evaluation.World;
using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>Reads background, colour, shape, size and motion of the one or two things in a clip of the embedded model's world, from its frames alone.</summary>
public static class SceneReader
{
    // Fewer pixels of a thing than these, in the mean of all frames, are noise.
    private const int FewestPixels = 10;

    /// <summary>Reads a clip.</summary>
    /// <param name="frames">Its frames, <see cref="Clip.Side"/> pixels wide and high; 8 or more.</param>
    /// <param name="two">Whether to look for two things instead of one.</param>
    /// <exception cref="ArgumentException">There are fewer frames, or they are of another size.</exception>
    public static SceneReading Read(IReadOnlyList<VideoFrame> frames, bool two = false)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Count < Track.FewestFrames) throw new ArgumentException($"The clip has {frames.Count} frames; {Track.FewestFrames} are needed.");
        var pictures = frames.Select(ToPicture).ToArray();
        var background = BackgroundReader.Read(pictures);
        var foreground = Foreground.Of(pictures, background);
        if (foreground.Pixels < FewestPixels * pictures.Length) return new SceneReading(background);

        var colours = two ? foreground.TwoColours() : [foreground.Colour()];
        var tracks = colours.Select(colour => Track.Of(pictures, foreground, background, colour, colours)).OrderBy(track => track.X).ToList();
        return two
            ? new SceneReading(background, tracks[0].Read(Placement.Left), tracks[1].Read(Placement.Right))
            : new SceneReading(background, tracks[0].Read(Placement.Alone));
    }

    private static Rgb[] ToPicture(VideoFrame frame)
    {
        if (frame.Width != Clip.Side || frame.Height != Clip.Side)
            throw new ArgumentException($"A frame is {frame.Width}x{frame.Height}; clips of the world are {Clip.Side}x{Clip.Side}.");
        return [.. Enumerable.Range(0, Clip.Pixels).Select(i => new Rgb(frame.Rgb[3 * i], frame.Rgb[3 * i + 1], frame.Rgb[3 * i + 2]))];
    }
}
