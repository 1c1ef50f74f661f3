using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>Which shape covers most of what is seen, drawn at the same place with the same area.</summary>
internal static class FigureReader
{
    // Every second of the frames in which the thing is largest.
    private const int LargestFrames = 17, EveryFrame = 2;

    private static readonly float[] Scales = [0.92f, 1, 1.1f];

    private static readonly UnitFigure[] Units = [.. Enum.GetValues<Figure>().Select(UnitFigure.Of)];

    /// <summary>The shape of a thing.</summary>
    /// <param name="outlines">The thing in every frame.</param>
    public static Figure Read(Outline[] outlines)
    {
        var largest = outlines.OrderByDescending(outline => outline.Area).Take(LargestFrames).Where((outline, i) => i % EveryFrame == 0 && outline.Area > 0).ToArray();
        return Units.MaxBy(unit => largest.Sum(outline => Scales.Max(scale => Overlap(outline, unit, scale))))!.Figure;
    }

    /// <summary>The radius of a shape of an area.</summary>
    public static double Radius(Figure figure, double area) => Math.Sqrt(area / Units[(int)figure].Area);

    private static double Overlap(Outline outline, UnitFigure unit, float scale)
    {
        var radius = (float)Radius(unit.Figure, outline.Area);
        var place = new Place((float)outline.X - unit.OffsetX * radius, (float)outline.Y - unit.OffsetY * radius, radius * scale);
        var drawn = Coverage.Of(unit.Figure, place);
        var (common, either) = (0.0, 0.0);
        for (var i = 0; i < drawn.Length; i++)
        {
            common += MathF.Min(drawn[i], outline.Covered[i]);
            either += MathF.Max(drawn[i], outline.Covered[i]);
        }

        return common / either;
    }

    /// <summary>A shape of radius 1: its area, and where its centre of mass is.</summary>
    private sealed record UnitFigure(Figure Figure, double Area, float OffsetX, float OffsetY)
    {
        private const float Radius = 16, Centre = Clip.Side / 2f;

        public static UnitFigure Of(Figure figure)
        {
            var covered = Coverage.Of(figure, new Place(Centre, Centre, Radius));
            var area = covered.Sum();
            var x = covered.Select((share, i) => share * (i % Clip.Side + 0.5f)).Sum() / area;
            var y = covered.Select((share, i) => share * (i / Clip.Side + 0.5f)).Sum() / area;
            return new UnitFigure(figure, area / (Radius * Radius), (x - Centre) / Radius, (y - Centre) / Radius);
        }
    }
}
