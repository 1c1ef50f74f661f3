namespace OnDeviceSora.Evaluation.World;

/// <summary>What a clip of the embedded model's world shows: one thing or two over a background. A sentence says as much.</summary>
/// <param name="Background">What is behind.</param>
/// <param name="Thing">What moves in front; the left one of two.</param>
/// <param name="Beside">The right one of two, in another colour.</param>
public sealed record Scene(Background Background, Thing Thing, Thing? Beside = null)
{
    /// <summary>All things, from left to right.</summary>
    public IReadOnlyList<Thing> Things => Beside is null ? [Thing] : [Thing, Beside];

    /// <summary>Draws any scene with one thing.</summary>
    /// <param name="random">Where the choices come from.</param>
    /// <param name="heldOut">Whether colour and shape are a pair that training never showed, or one that it did.</param>
    public static Scene Draw(Random random, bool heldOut)
    {
        ArgumentNullException.ThrowIfNull(random);
        var thing = DrawThing(random, heldOut);
        return new Scene(Any<Background>(random), thing);
    }

    /// <summary>Draws any scene with two things.</summary>
    /// <param name="random">Where the choices come from.</param>
    /// <param name="heldOut">Whether both are pairs that training never showed, or both such that it did.</param>
    public static Scene DrawTwo(Random random, bool heldOut)
    {
        var scene = Draw(random, heldOut);
        Thing beside;
        do beside = DrawThing(random, heldOut);
        while (beside.Colour == scene.Thing.Colour);
        return scene with { Beside = beside };
    }

    private static Thing DrawThing(Random random, bool heldOut)
    {
        Thing thing;
        do thing = new Thing(Any<Colour>(random), Any<Figure>(random), Any<Size>(random), Any<Motion>(random));
        while (thing.IsHeldOut != heldOut);
        return thing;
    }

    private static T Any<T>(Random random) where T : struct, Enum
    {
        var all = Enum.GetValues<T>();
        return all[random.Next(all.Length)];
    }
}
