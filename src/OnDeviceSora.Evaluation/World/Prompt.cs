namespace OnDeviceSora.Evaluation.World;

/// <summary>A sentence and the scene it describes.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Scene">What a video of it should show.</param>
public sealed record Prompt(string Text, Scene Scene)
{
    /// <summary>Draws sentences; every third is of a pair of colour and shape that training never showed.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed gives the same sentences, and the beginning of a longer list of them.</param>
    /// <param name="two">Whether they tell of two things.</param>
    /// <param name="wording">How they tell of them.</param>
    public static IReadOnlyList<Prompt> Draw(int count, int seed, bool two = false, Wording wording = Wording.Usual)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => Draw(random, heldOut: i % 3 == 2, two, wording))];
    }

    private static Prompt Draw(Random random, bool heldOut, bool two, Wording wording)
    {
        var scene = two ? Scene.DrawTwo(random, heldOut) : Scene.Draw(random, heldOut);
        return new Prompt(wording == Wording.Free ? FreeCaption.Draw(scene, random) : Captions.Draw(scene, random), scene);
    }
}
