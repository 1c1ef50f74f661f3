namespace OnDeviceSora.Evaluation.World;

/// <summary>What a sentence leaves open.</summary>
/// <param name="X">How far right of its usual place a thing is, in pixels.</param>
/// <param name="Y">How far below.</param>
/// <param name="Angle">How far ahead on an orbit, in radians.</param>
internal readonly record struct Chance(float X, float Y, float Angle)
{
    private const float Near = 2, Turn = 0.25f;

    /// <summary>Draws it: small everywhere, larger across the direction of the motion.</summary>
    public static Chance Draw(Random random, Motion motion, Placement placement)
    {
        var far = (
            X: motion is Motion.Up or Motion.Down or Motion.Bounce or Motion.Still ? placement.Spread : 0,
            Y: motion is Motion.Left or Motion.Right or Motion.Still ? placement.Spread : 0);
        return new Chance(Within(Near) + Within(far.X), Within(Near) + Within(far.Y), Within(Turn));

        float Within(float limit) => (2 * random.NextSingle() - 1) * limit;
    }
}
