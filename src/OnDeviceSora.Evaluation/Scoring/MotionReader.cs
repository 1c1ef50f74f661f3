using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>Which motion's path is nearest to the one seen: where its centre goes, and how its radius changes.</summary>
internal static class MotionReader
{
    // A radius that changes by a tenth weighs as much as a centre that moves by almost two pixels.
    private const double RadiusWeight = 300;

    /// <summary>The motion of a thing.</summary>
    /// <param name="outlines">The thing in every frame.</param>
    /// <param name="seen">The frames where it is large enough to count.</param>
    /// <param name="placement">Whether it is alone.</param>
    public static Motion Read(Outline[] outlines, int[] seen, Placement placement)
    {
        var x = seen.Select(frame => outlines[frame].X).ToArray();
        var y = seen.Select(frame => outlines[frame].Y).ToArray();
        var radius = seen.Select(frame => 0.5 * Math.Log(outlines[frame].Area)).ToArray();
        return Enum.GetValues<Motion>().MinBy(motion =>
        {
            var path = UsualPath(motion, placement, outlines.Length);
            return Deviation(x, Pick(place => place.X)) + Deviation(y, Pick(place => place.Y)) + RadiusWeight * Deviation(radius, Pick(place => Math.Log(place.Radius)));

            double[] Pick(Func<Place, double> value) => [.. seen.Select(frame => value(path[frame]))];
        });
    }

    /// <summary>The mean radius of a motion, as a multiple of the size's.</summary>
    public static double MeanGrowth(Motion motion) => UsualPath(motion, Placement.Alone, Clip.Frames).Average(place => place.Radius) / Size.Usual.Radius();

    private static Place[] UsualPath(Motion motion, Placement placement, int frames) => MotionPath.Of(new Thing(default, default, Size.Usual, motion), placement, default, frames);

    /// <summary>Mean squared difference of two curves that are moved to the same mean.</summary>
    private static double Deviation(double[] curve, double[] wanted)
    {
        var offset = curve.Average() - wanted.Average();
        return curve.Zip(wanted, (a, b) => (a - b - offset) * (a - b - offset)).Average();
    }
}
