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
        return [.. MotionPath.Of(scene.Thing, Chance.Draw(random, scene.Thing.Motion), Frames).Select(place => Draw(scene, place))];
    }

    /// <summary>Draws one frame.</summary>
    internal static VideoFrame Draw(Scene scene, Place place)
    {
        var backdrop = scene.Background.Picture();
        var colour = scene.Thing.Colour.Pixel();
        var covered = Coverage.Of(scene.Thing.Figure, place);
        var rgb = new byte[3 * Pixels];
        for (var i = 0; i < Pixels; i++)
        {
            var pixel = Rgb.Between(backdrop[i], colour, covered[i]);
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = ((byte)(pixel.R + 0.5f), (byte)(pixel.G + 0.5f), (byte)(pixel.B + 0.5f));
        }

        return new VideoFrame(Side, Side, rgb);
    }
}
