using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>How far every pixel of a clip is from its background, where edges and stars may be off by a pixel.</summary>
internal sealed class Foreground
{
    /// <summary>A pixel this far from the background is of the thing.</summary>
    private const float Certain = 45;

    /// <summary>A pixel this far from it may be of the thing's edge.</summary>
    private const float Possible = 25;

    // A pixel this near to a colour is no mixture.
    private const float Pure = 40;

    // A thing's own colour is where it differs most; its edges are mixtures.
    private const double EdgeShare = 0.4;

    private readonly Rgb[][] _pictures;
    private readonly float[][] _distances;

    private Foreground(Rgb[][] pictures, float[][] distances)
    {
        (_pictures, _distances) = (pictures, distances);
        Pixels = distances.Sum(frame => frame.Count(distance => distance > Certain));
    }

    /// <summary>Pixels of the thing in all frames.</summary>
    public int Pixels { get; }

    /// <summary>Separates a clip from its background.</summary>
    public static Foreground Of(Rgb[][] pictures, Background background) => new(pictures, [.. pictures.Select(picture => Distances(picture, background))]);

    /// <summary>Whether a pixel can be of the thing.</summary>
    public bool Includes(int frame, int pixel) => _distances[frame][pixel] > Possible;

    /// <summary>The colour that most pixels of the thing's inside are nearest to. There must be such pixels.</summary>
    public Colour Colour()
    {
        var certain = _distances.SelectMany(frame => frame).Where(distance => distance > Certain).Order().ToArray();
        var inside = certain[(int)(EdgeShare * (certain.Length - 1))];
        return MostFrequent(1, (distance, _) => distance >= inside)[0];
    }

    /// <summary>The two colours that most pixels have, but for mixtures.</summary>
    public IReadOnlyList<Colour> TwoColours() => MostFrequent(2, (distance, pixel) => distance > Certain && (Colours.Nearest(pixel).Pixel() - pixel).Length < Pure);

    private Colour[] MostFrequent(int count, Func<float, Rgb, bool> votes)
    {
        var number = new int[Enum.GetValues<Colour>().Length];
        for (var frame = 0; frame < _pictures.Length; frame++)
        {
            for (var pixel = 0; pixel < Clip.Pixels; pixel++)
            {
                if (votes(_distances[frame][pixel], _pictures[frame][pixel])) number[(int)Colours.Nearest(_pictures[frame][pixel])]++;
            }
        }

        return [.. Enum.GetValues<Colour>().OrderByDescending(colour => number[(int)colour]).Take(count)];
    }

    private static float[] Distances(Rgb[] picture, Background background)
    {
        var backdrop = background.Picture();
        var distances = new float[Clip.Pixels];
        for (var y = 0; y < Clip.Side; y++)
        {
            for (var x = 0; x < Clip.Side; x++) distances[y * Clip.Side + x] = ToNearest(picture[y * Clip.Side + x], backdrop, x, y);
        }

        return distances;
    }

    /// <summary>Distance of a colour to the nearest of the background's pixels around a place.</summary>
    private static float ToNearest(Rgb pixel, ReadOnlySpan<Rgb> backdrop, int x, int y)
    {
        var nearest = float.MaxValue;
        for (var row = Math.Max(0, y - 1); row <= Math.Min(Clip.Side - 1, y + 1); row++)
        {
            for (var column = Math.Max(0, x - 1); column <= Math.Min(Clip.Side - 1, x + 1); column++)
                nearest = MathF.Min(nearest, (pixel - backdrop[row * Clip.Side + column]).SquaredLength);
        }

        return MathF.Sqrt(nearest);
    }
}
