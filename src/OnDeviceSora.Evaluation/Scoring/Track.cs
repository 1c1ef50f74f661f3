using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>What is seen of one colour, frame by frame.</summary>
internal sealed class Track
{
    /// <summary>A thing that is seen in fewer frames is noise.</summary>
    public const int FewestFrames = 8;

    // Fewer pixels in a frame are noise.
    private const double SmallestArea = 8;

    private readonly Colour _colour;
    private readonly Outline[] _outlines;
    private readonly int[] _seen;

    private Track(Colour colour, Outline[] outlines)
    {
        (_colour, _outlines) = (colour, outlines);
        _seen = [.. Enumerable.Range(0, outlines.Length).Where(frame => outlines[frame].Area > SmallestArea)];
    }

    /// <summary>The middle one of its columns; right of everything when it is not found.</summary>
    public double X => IsFound ? _seen.Select(frame => _outlines[frame].X).Order().ElementAt(_seen.Length / 2) : Clip.Side;

    private bool IsFound => _seen.Length >= FewestFrames;

    /// <summary>Follows a colour through a clip, past things of other colours.</summary>
    public static Track Of(Rgb[][] pictures, Foreground foreground, Background background, Colour colour, IReadOnlyList<Colour> colours) =>
        new(colour, [.. pictures.Select((picture, frame) => Outline.Of(picture, foreground, frame, background, colour, colours))]);

    /// <summary>What thing it is.</summary>
    public ThingReading Read(Placement placement)
    {
        if (!IsFound) return new ThingReading(_colour);
        var motion = MotionReader.Read(_outlines, _seen, placement);
        var figure = FigureReader.Read(_outlines);
        var radius = _seen.Average(frame => FigureReader.Radius(figure, _outlines[frame].Area)) / placement.Scale / MotionReader.MeanGrowth(motion);
        return new ThingReading(_colour, figure, Radii.Nearest(radius), motion);
    }
}
