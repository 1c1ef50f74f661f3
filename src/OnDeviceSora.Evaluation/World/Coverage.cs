namespace OnDeviceSora.Evaluation.World;

/// <summary>How much of every pixel a shape covers, 0 to 1, by its distance to the pixel's centre.</summary>
internal static class Coverage
{
    // Of all shapes the triangle's lower corners are farthest from the centre, in radii.
    private const float Farthest = 1.45f;

    private static readonly (float X, float Y)[] TriangleCorners = Corners(3, [1.32f]);
    private static readonly (float X, float Y)[] StarCorners = Corners(10, [1.28f, 0.56f]);

    /// <summary>Draws a shape.</summary>
    /// <param name="figure">The shape.</param>
    /// <param name="place">Centre and radius in pixels.</param>
    /// <returns>The covered part of <see cref="Clip.Pixels"/> pixels.</returns>
    public static float[] Of(Figure figure, Place place)
    {
        var covered = new float[Clip.Pixels];
        var reach = Farthest + 0.5f / place.Radius;
        for (var pixel = 0; pixel < covered.Length; pixel++)
        {
            var x = (pixel % Clip.Side + 0.5f - place.X) / place.Radius;
            var y = (pixel / Clip.Side + 0.5f - place.Y) / place.Radius;
            if (x * x + y * y < reach * reach) covered[pixel] = Math.Clamp(0.5f - Distance(figure, x, y) * place.Radius, 0, 1);
        }

        return covered;
    }

    /// <summary>Signed distance to the edge of a shape of radius 1 around the origin; negative inside.</summary>
    private static float Distance(Figure figure, float x, float y) => figure switch
    {
        Figure.Circle => MathF.Sqrt(x * x + y * y) - 1,
        Figure.Ring => MathF.Abs(MathF.Sqrt(x * x + y * y) - 0.78f) - 0.27f,
        Figure.Square => MathF.Max(MathF.Abs(x), MathF.Abs(y)) - 0.88f,
        Figure.Triangle => ToPolygon(TriangleCorners, x, y - 0.22f),
        _ => ToPolygon(StarCorners, x, y),
    };

    private static float ToPolygon((float X, float Y)[] corners, float x, float y)
    {
        var (nearest, inside) = (float.MaxValue, false);
        for (var i = 0; i < corners.Length; i++)
        {
            var (a, b) = (corners[i], corners[(i + 1) % corners.Length]);
            var (edgeX, edgeY, fromX, fromY) = (b.X - a.X, b.Y - a.Y, x - a.X, y - a.Y);
            var along = Math.Clamp((fromX * edgeX + fromY * edgeY) / (edgeX * edgeX + edgeY * edgeY), 0, 1);
            var (offX, offY) = (fromX - along * edgeX, fromY - along * edgeY);
            nearest = MathF.Min(nearest, offX * offX + offY * offY);
            // A ray to the right crosses the polygon's edges an odd number of times from inside.
            if (a.Y > y != b.Y > y && x < edgeX * fromY / edgeY + a.X) inside = !inside;
        }

        return inside ? -MathF.Sqrt(nearest) : MathF.Sqrt(nearest);
    }

    /// <summary>Corners at even angles, the first at the top, at radii that take turns.</summary>
    private static (float X, float Y)[] Corners(int count, float[] radii) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
        {
            var (sine, cosine) = MathF.SinCos(2 * MathF.PI * i / count - MathF.PI / 2);
            return (radii[i % radii.Length] * cosine, radii[i % radii.Length] * sine);
        }),
    ];
}
