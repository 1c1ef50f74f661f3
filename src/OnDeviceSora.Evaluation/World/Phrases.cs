using System.Text.Json;

namespace OnDeviceSora.Evaluation.World;

/// <summary>The phrases of sentences, from <c>tools/embedded-model/phrases.json</c>, where training reads them too. Keys are the names of the world in lower case.</summary>
internal sealed record Phrases(UsualPhrases Usual, FreePhrases Free)
{
    /// <summary>Those of the embedded model's world.</summary>
    public static Phrases World { get; } = Read();

    private static Phrases Read()
    {
        using var stream = typeof(Phrases).Assembly.GetManifestResourceStream("phrases.json")!;
        return JsonSerializer.Deserialize<Phrases>(stream, JsonSerializerOptions.Web)!;
    }
}

/// <summary>Phrases of <see cref="Wording.Usual"/>; the first of a list is the commonest.</summary>
internal sealed record UsualPhrases(PhrasesByName Motions, PhrasesByName Backgrounds, PhrasesByName Sizes);

/// <summary>Phrases of <see cref="Wording.Free"/>; "~" stands for one of the <see cref="Unknown"/> words.</summary>
internal sealed record FreePhrases(
    string[] Unknown, string[] Openings, string[] Endings, string[] Articles, string[] Adjectives, string[] Relatives, string[] Adverbs, string[] Links,
    PhrasesByName Sizes, PhrasesByName Colours, PhrasesByName Shapes, PhrasesByName Backgrounds,
    PhrasesByName Verbs, Dictionary<string, FreeMotion[]> Motions);

/// <summary>Ways to tell a motion.</summary>
/// <param name="Verbs">Which of <see cref="FreePhrases.Verbs"/>, each "participle/finite verb"; empty: none.</param>
/// <param name="Ways">What follows the verb.</param>
internal sealed record FreeMotion(string Verbs, string[] Ways);

/// <summary>Lists of phrases by the name of what they tell.</summary>
internal sealed class PhrasesByName : Dictionary<string, string[]>;

/// <summary>The names under which phrases are kept.</summary>
internal static class PhraseNames
{
    /// <summary>The lower-case name; a size that a sentence leaves unsaid has none.</summary>
    public static string Name<T>(this T value) where T : struct, Enum =>
        value is Size.Usual ? "" : value.ToString().ToLowerInvariant();
}
