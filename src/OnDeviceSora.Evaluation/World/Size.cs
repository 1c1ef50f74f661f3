namespace OnDeviceSora.Evaluation.World;

/// <summary>How large things are.</summary>
public enum Size
{
    /// <summary>Small.</summary>
    Small,

    /// <summary>As a sentence means it that says nothing of the size.</summary>
    Usual,

    /// <summary>Big.</summary>
    Big,
}

/// <summary>The sizes in numbers.</summary>
internal static class Radii
{
    private static readonly float[] Table = [6.5f, 9.5f, 13];

    /// <summary>Radius in pixels of a thing that neither grows nor shrinks.</summary>
    public static float Radius(this Size size) => Table[(int)size];

    /// <summary>The size whose radius is nearest.</summary>
    public static Size Nearest(double radius) => Enum.GetValues<Size>().MinBy(size => Math.Abs(size.Radius() - radius));
}
