using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>Where a thing is seen in a frame.</summary>
/// <param name="Covered">How much of every pixel it covers, 0 to 1.</param>
/// <param name="Area">Pixels that it covers.</param>
/// <param name="X">Column of its centre of mass; 0 without area.</param>
/// <param name="Y">Row of its centre of mass.</param>
internal sealed record Outline(float[] Covered, double Area, double X, double Y)
{
    // Less than this of a pixel is noise.
    private const float Faintest = 0.3f;

    /// <summary>Takes the share of the thing's colour in every pixel of the foreground that a mixture of it and the background explains better than one of another thing's colour.</summary>
    public static Outline Of(Rgb[] picture, Foreground foreground, int frame, Background background, Colour colour, IReadOnlyList<Colour> colours)
    {
        var backdrop = background.Picture();
        var covered = new float[picture.Length];
        var (area, x, y) = (0.0, 0.0, 0.0);
        for (var pixel = 0; pixel < picture.Length; pixel++)
        {
            if (!foreground.Includes(frame, pixel)) continue;
            var (share, off) = Mixture(picture[pixel], backdrop[pixel], colour);
            if (IsNearerToAnother(picture[pixel], backdrop[pixel], off, colours)) continue;
            if (share <= Faintest) continue;
            covered[pixel] = share;
            area += share;
            x += share * (pixel % Clip.Side + 0.5);
            y += share * (pixel / Clip.Side + 0.5);
        }

        return area > 0 ? new Outline(covered, area, x / area, y / area) : new Outline(covered, 0, 0, 0);
    }

    private static bool IsNearerToAnother(Rgb pixel, Rgb behind, float off, IReadOnlyList<Colour> colours)
    {
        if (colours.Count == 1) return false;
        foreach (var other in colours)
        {
            if (Mixture(pixel, behind, other).Off < off) return true;
        }

        return false;
    }

    /// <summary>The share of a colour in a pixel that is a mixture of it and the background, and how far the pixel is from that, squared.</summary>
    private static (float Share, float Off) Mixture(Rgb pixel, Rgb behind, Colour colour)
    {
        var way = colour.Pixel() - behind;
        var share = Math.Clamp(Rgb.Dot(pixel - behind, way) / way.SquaredLength, 0, 1);
        return (share, (pixel - behind - way * share).SquaredLength);
    }
}
