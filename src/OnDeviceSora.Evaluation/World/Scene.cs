namespace OnDeviceSora.Evaluation.World;

/// <summary>What a clip of the embedded model's world shows: one thing over a background. A sentence says as much.</summary>
/// <param name="Background">What is behind.</param>
/// <param name="Thing">What moves in front.</param>
public sealed record Scene(Background Background, Thing Thing)
{
    /// <summary>Draws any scene.</summary>
    /// <param name="random">Where the choices come from.</param>
    /// <param name="heldOut">Whether colour and shape are a pair that training never showed, or one that it did.</param>
    public static Scene Draw(Random random, bool heldOut)
    {
        ArgumentNullException.ThrowIfNull(random);
        Thing thing;
        do thing = new Thing(Any<Colour>(random), Any<Figure>(random), Any<Size>(random), Any<Motion>(random));
        while (thing.IsHeldOut != heldOut);
        return new Scene(Any<Background>(random), thing);
    }

    private static T Any<T>(Random random) where T : struct, Enum
    {
        var all = Enum.GetValues<T>();
        return all[random.Next(all.Length)];
    }
}
