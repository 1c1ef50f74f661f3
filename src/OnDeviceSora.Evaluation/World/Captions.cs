namespace OnDeviceSora.Evaluation.World;

/// <summary>Sentences for scenes, worded as the embedded model knows them best: lower case, no full stop.</summary>
public static class Captions
{
    private static readonly UsualPhrases Usual = Phrases.World.Usual;

    /// <summary>One sentence for a scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="random">Chooses the words.</param>
    public static string Draw(Scene scene, Random random)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(random);
        var things = string.Join(" and ", scene.Things.Select(thing => Of(thing, random)));
        var place = Pick(Usual.Backgrounds[scene.Background.Name()], 0.3, random);
        if (place.Length == 0) return things;
        return random.NextDouble() < 0.08 ? $"{place}, {things}" : $"{things} {place}";
    }

    private static string Of(Thing thing, Random random)
    {
        var name = Joined(Pick(Usual.Sizes[thing.Size.Name()], 0, random), thing.Colour.Name(), thing.Figure.Name());
        var article = random.NextDouble() switch
        {
            < 0.1 => "the",
            < 0.15 => "",
            _ => Article(name),
        };
        var verb = Pick(Usual.Motions[thing.Motion.Name()], 0.3, random);
        var link = verb.Length > 0 && article.Length > 0 && random.NextDouble() < 0.06 ? "is" : "";
        return Joined(article, name, link, verb);
    }

    /// <summary>The indefinite article before a word.</summary>
    internal static string Article(string word) => "aeio".Contains(word[0], StringComparison.Ordinal) ? "an" : "a";

    /// <summary>The words that are there, with spaces between them.</summary>
    internal static string Joined(params IEnumerable<string> words) => string.Join(' ', words.Where(word => word.Length > 0));

    /// <summary>One of several phrases; the first outright so often.</summary>
    private static string Pick(string[] phrases, double usual, Random random) =>
        random.NextDouble() < usual ? phrases[0] : phrases[random.Next(phrases.Length)];
}
