namespace OnDeviceSora.Evaluation.World;

/// <summary>Where a thing has its home in a clip, and how much room it has.</summary>
/// <param name="Home">Column of its home in pixels.</param>
/// <param name="Scale">Its radius by that of the same thing alone.</param>
/// <param name="Sideways">How far left and right take it, in pixels.</param>
/// <param name="OrbitRadius">Radius of its orbit in pixels.</param>
/// <param name="Spread">How far off it may be where its motion leaves room, in pixels.</param>
internal sealed record Placement(float Home, float Scale, float Sideways, float OrbitRadius, float Spread)
{
    /// <summary>The only thing.</summary>
    public static Placement Alone { get; } = new(Clip.Side / 2f, 1, 30, 14, 5);

    /// <summary>The left one of two.</summary>
    public static Placement Left { get; } = new(18, 0.8f, 15, 8.4f, 2);

    /// <summary>The right one of two.</summary>
    public static Placement Right { get; } = Left with { Home = 46 };

    /// <summary>Those of a scene's things, in their order.</summary>
    public static IReadOnlyList<Placement> Of(Scene scene) => scene.Beside is null ? [Alone] : [Left, Right];
}
