namespace OnDeviceSora.Evaluation.World;

/// <summary>The colours of things.</summary>
public enum Colour
{
    /// <summary>Red.</summary>
    Red,

    /// <summary>Orange.</summary>
    Orange,

    /// <summary>Yellow.</summary>
    Yellow,

    /// <summary>Green.</summary>
    Green,

    /// <summary>Blue.</summary>
    Blue,

    /// <summary>Purple.</summary>
    Purple,

    /// <summary>Pink.</summary>
    Pink,

    /// <summary>White.</summary>
    White,
}

/// <summary>What the colours look like.</summary>
internal static class Colours
{
    private static readonly Rgb[] Table =
    [
        new(220, 40, 40), new(245, 140, 30), new(245, 220, 50), new(50, 180, 70),
        new(50, 90, 230), new(150, 60, 200), new(245, 130, 190), new(245, 245, 245),
    ];

    private static readonly Colour[] All = Enum.GetValues<Colour>();

    /// <summary>The colour of a pixel that the thing covers whole.</summary>
    public static Rgb Pixel(this Colour colour) => Table[(int)colour];

    /// <summary>The colour that a pixel is nearest to.</summary>
    public static Colour Nearest(Rgb pixel) => All.MinBy(colour => (colour.Pixel() - pixel).SquaredLength);
}
