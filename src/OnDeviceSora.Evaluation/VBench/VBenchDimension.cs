namespace OnDeviceSora.Evaluation.VBench;

/// <summary>One of VBench's sixteen dimensions, and how its raw score enters the total.</summary>
/// <param name="Name">As VBench names it, in lower case.</param>
/// <param name="Minimum">The raw score that counts 0.</param>
/// <param name="Maximum">The raw score that counts 1.</param>
/// <param name="Weight">Its weight in the mean of its group.</param>
/// <param name="IsQuality">Whether it is of the quality group; the others are semantic.</param>
public sealed record VBenchDimension(string Name, double Minimum, double Maximum, double Weight, bool IsQuality)
{
    /// <summary>All dimensions: first the seven of quality, then the nine semantic ones.</summary>
    public static IReadOnlyList<VBenchDimension> All { get; } =
    [
        new("subject consistency", 0.1462, 1, 1, true),
        new("background consistency", 0.2615, 1, 1, true),
        new("temporal flickering", 0.6293, 1, 1, true),
        new("motion smoothness", 0.706, 0.9975, 1, true),
        new("aesthetic quality", 0, 1, 1, true),
        new("imaging quality", 0, 1, 1, true),
        new("dynamic degree", 0, 1, 0.5, true),
        new("object class", 0, 1, 1, false),
        new("multiple objects", 0, 1, 1, false),
        new("human action", 0, 1, 1, false),
        new("color", 0, 1, 1, false),
        new("spatial relationship", 0, 1, 1, false),
        new("scene", 0, 0.8222, 1, false),
        new("appearance style", 0.0009, 0.2855, 1, false),
        new("temporal style", 0, 0.364, 1, false),
        new("overall consistency", 0, 0.364, 1, false),
    ];

    /// <summary>A raw score as it enters the mean: scaled to the range of the dimension, times its weight.</summary>
    public double Scaled(double raw) => (raw - Minimum) / (Maximum - Minimum) * Weight;
}
