namespace OnDeviceSora.Evaluation.World;

/// <summary>The ways that things take.</summary>
internal static class MotionPath
{
    private const float Centre = Clip.Side / 2f, Travel = 30, BounceHeight = 22, Smallest = 0.55f, Largest = 1.55f;
    private const int Bounces = 2;

    /// <summary>Where a thing is in every frame.</summary>
    /// <param name="thing">The thing.</param>
    /// <param name="placement">Whether it is alone.</param>
    /// <param name="chance">What its sentence leaves open.</param>
    /// <param name="frames">How many frames the motion takes.</param>
    public static Place[] Of(Thing thing, Placement placement, Chance chance, int frames) =>
        [.. Enumerable.Range(0, frames).Select(frame => At(thing, placement, chance, frames == 1 ? 0 : frame / (frames - 1f)))];

    /// <summary>The place at a time, 0 to 1.</summary>
    private static Place At(Thing thing, Placement placement, Chance chance, float time)
    {
        var radius = thing.Size.Radius() * placement.Scale;
        var home = new Place(placement.Home + chance.X, Centre + chance.Y, radius);
        var (aside, way) = (placement.Sideways * (time - 0.5f), Travel * (time - 0.5f));
        return thing.Motion switch
        {
            Motion.Left => home with { X = home.X - aside },
            Motion.Right => home with { X = home.X + aside },
            Motion.Up => home with { Y = home.Y - way },
            Motion.Down => home with { Y = home.Y + way },
            Motion.Bounce => home with { Y = home.Y + BounceHeight * (0.5f - MathF.Abs(MathF.Sin(MathF.PI * Bounces * time))) },
            Motion.Grow => home with { Radius = radius * (Smallest + (Largest - Smallest) * time) },
            Motion.Shrink => home with { Radius = radius * (Largest - (Largest - Smallest) * time) },
            Motion.Orbit => Circling(home, placement.OrbitRadius, 2 * MathF.PI * time - MathF.PI / 2 + chance.Angle),
            _ => home,
        };
    }

    private static Place Circling(Place home, float radius, float angle) =>
        home with { X = home.X + radius * MathF.Cos(angle), Y = home.Y + radius * MathF.Sin(angle) };
}
