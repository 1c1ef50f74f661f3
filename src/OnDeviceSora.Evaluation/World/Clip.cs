using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.World;

/// <summary>The clips on which the embedded model was trained: simple shapes that move over simple backgrounds.</summary>
public static class Clip
{
    /// <summary>Width and height in pixels.</summary>
    public const int Side = 64;

    /// <summary>Frames of a clip, at 12 a second.</summary>
    public const int Frames = 34;

    internal const int Pixels = Side * Side;

    /// <summary>Draws a clip.</summary>
    /// <param name="scene">What it shows.</param>
    /// <param name="random">Decides what a sentence leaves open: the exact place.</param>
    public static IReadOnlyList<VideoFrame> Draw(Scene scene, Random random)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(random);
        Place[][] paths = [.. scene.Things.Zip(Placement.Of(scene), (thing, placement) => MotionPath.Of(thing, placement, Chance.Draw(random, thing.Motion, placement), Frames))];
        return [.. Enumerable.Range(0, Frames).Select(frame => Draw(scene, [.. paths.Select(path => path[frame])]))];
    }

    /// <summary>Draws one frame; <paramref name="places"/> has one for each thing.</summary>
    internal static VideoFrame Draw(Scene scene, params Place[] places)
    {
        var picture = scene.Background.Picture().ToArray();
        foreach (var (thing, place) in scene.Things.Zip(places)) Paint(picture, thing, place);
        var rgb = new byte[3 * Pixels];
        for (var i = 0; i < Pixels; i++)
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = ((byte)(picture[i].R + 0.5f), (byte)(picture[i].G + 0.5f), (byte)(picture[i].B + 0.5f));
        return new VideoFrame(Side, Side, rgb);
    }

    private static void Paint(Rgb[] picture, Thing thing, Place place)
    {
        var colour = thing.Colour.Pixel();
        var covered = Coverage.Of(thing.Figure, place);
        for (var i = 0; i < Pixels; i++) picture[i] = Rgb.Between(picture[i], colour, covered[i]);
    }
}
