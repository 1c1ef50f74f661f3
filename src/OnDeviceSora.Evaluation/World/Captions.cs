namespace OnDeviceSora.Evaluation.World;

/// <summary>Sentences for scenes, worded as the embedded model knows them: lower case, no full stop.</summary>
public static class Captions
{
    private static readonly string[][] Motions =
    [
        ["moving left", "moving to the left", "drifting left", "drifting to the left", "gliding left", "gliding to the left", "going left", "floating to the left", "sliding left", "flying to the left"],
        ["moving right", "moving to the right", "drifting right", "drifting to the right", "gliding right", "gliding to the right", "going right", "floating to the right", "sliding right", "flying to the right"],
        ["moving up", "rising", "floating upward", "going up", "floating up", "moving upward", "flying up"],
        ["moving down", "falling", "sinking", "going down", "drifting down", "falling down", "moving downward"],
        ["bouncing", "bouncing up and down", "bouncing around", "jumping", "jumping up and down"],
        ["growing", "getting bigger", "growing bigger", "getting larger"],
        ["shrinking", "getting smaller", "shrinking away"],
        ["standing still", "not moving", "resting", "at rest", ""],
        ["circling", "circling around", "moving in a circle", "going around in a circle", "orbiting"],
    ];

    private static readonly string[][] Backgrounds =
    [
        ["on black", "on a black background", "in front of a black background", "in the dark", ""],
        ["on gray", "on a gray background", "against a gray wall", "in front of a gray wall", "on a grey background"],
        ["at night", "in the night sky", "under the night sky", "against the night sky"],
        ["at sunset", "in the sunset sky", "in front of a sunset", "against the sunset"],
        ["over a meadow", "over the meadow", "on the meadow", "above a green meadow", "over the grass"],
        ["over the sea", "above the sea", "over the blue sea", "at the sea", "over the ocean"],
        ["in the desert", "over the desert", "above the desert", "over the sand"],
    ];

    private static readonly string[][] Sizes = [["small", "small", "little", "tiny"], [""], ["big", "big", "large"]];

    /// <summary>One sentence for a scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="random">Chooses the words.</param>
    public static string Draw(Scene scene, Random random)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(random);
        var things = string.Join(" and ", scene.Things.Select(thing => Of(thing, random)));
        var place = Pick(Backgrounds[(int)scene.Background], 0.3, random);
        if (place.Length == 0) return things;
        return random.NextDouble() < 0.08 ? $"{place}, {things}" : $"{things} {place}";
    }

    private static string Of(Thing thing, Random random)
    {
        var name = Joined(Pick(Sizes[(int)thing.Size], 0, random), Word(thing.Colour), Word(thing.Figure));
        var article = random.NextDouble() switch
        {
            < 0.1 => "the",
            < 0.15 => "",
            _ => "aeio".Contains(name[0], StringComparison.Ordinal) ? "an" : "a",
        };
        var verb = Pick(Motions[(int)thing.Motion], 0.3, random);
        var link = verb.Length > 0 && article.Length > 0 && random.NextDouble() < 0.06 ? "is" : "";
        return Joined(article, name, link, verb);
    }

    /// <summary>One of several phrases; the first outright so often.</summary>
    private static string Pick(string[] phrases, double usual, Random random) =>
        random.NextDouble() < usual ? phrases[0] : phrases[random.Next(phrases.Length)];

    private static string Joined(params IEnumerable<string> words) => string.Join(' ', words.Where(word => word.Length > 0));

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
