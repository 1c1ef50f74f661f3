using System.Text.RegularExpressions;

namespace OnDeviceSora.Evaluation.World;

/// <summary>A freely worded sentence for a scene, by rules like those of training (<c>tools/embedded-model/captions.py</c>).</summary>
internal sealed class FreeCaption(Scene scene, Random random)
{
    private const int Longest = 30;
    private static readonly FreePhrases Free = Phrases.World.Free;

    /// <summary>One sentence that the model's tokenizer need not cut.</summary>
    public static string Draw(Scene scene, Random random)
    {
        var caption = new FreeCaption(scene, random);
        string text;
        do text = caption.Draw();
        while (text.Split(' ').Length > Longest);
        return text;
    }

    private string Draw()
    {
        var place = Any(Free.Backgrounds[scene.Background.Name()]);
        var (isFirst, isInside) = random.NextDouble() switch
        {
            < 0.2 => (true, false),
            < 0.3 when scene.Beside is null => (false, true),
            _ => (false, false),
        };
        var things = string.Join($" {Any(Free.Links)} ", scene.Things.Select(thing => Of(thing, isInside ? place : "")));
        var sentence = Captions.Joined(Maybe(0.35, Free.Openings), isFirst ? Led(place) : "", things, isFirst || isInside ? "" : place);
        return WithUnknownWords(Ended(sentence));
    }

    /// <summary>A place before what is there, with a comma now and then.</summary>
    private string Led(string place) => place.Length > 0 && random.Next(2) == 0 ? place + "," : place;

    private string Ended(string sentence)
    {
        var ending = Maybe(0.4, Free.Endings);
        return ending is "." or "!" ? sentence + ending : Captions.Joined(sentence, ending);
    }

    private string Of(Thing thing, string place)
    {
        var (size, figure, colour) = (Any(Free.Sizes[thing.Size.Name()]), Any(Free.Shapes[thing.Figure.Name()]), Any(Free.Colours[thing.Colour.Name()]));
        var adjective = Maybe(0.1, Free.Adjectives);
        var name = random.NextDouble() < 0.95 ? Captions.Joined(size, adjective, colour, figure) : Captions.Joined(size, adjective, figure, "in", colour);
        var motion = Any(Free.Motions[thing.Motion.Name()]);
        var (participle, finite) = Verb(motion, Any(motion.Ways));
        var isAdjective = motion.Verbs.Length > 0 && !participle.Contains(' ', StringComparison.Ordinal) && random.Next(4) == 0;
        if (isAdjective) name = Captions.Joined(participle, name);
        var article = Any(Free.Articles);
        return Captions.Joined(article == "a" ? Captions.Article(name) : article, name, place, isAdjective ? "" : Told(participle, finite));
    }

    /// <summary>A motion as participle ("going up") and as finite verb ("goes up").</summary>
    private (string Participle, string Finite) Verb(FreeMotion motion, string way)
    {
        if (motion.Verbs.Length == 0) return (way, way.Length == 0 ? "" : $"is {way}");
        var forms = Any(Free.Verbs[motion.Verbs]).Split('/');
        return (Captions.Joined(forms[0], way), Captions.Joined(forms[1], way));
    }

    /// <summary>The motion behind its thing.</summary>
    private string Told(string participle, string finite)
    {
        if (participle.Length == 0) return "";
        var relative = Any(Free.Relatives);
        var told = random.NextDouble() switch
        {
            < 0.5 => participle,
            < 0.7 => finite,
            < 0.85 => $"{relative} {finite}",
            < 0.93 => $"{relative} is {participle}",
            _ => $"is {participle}",
        };
        return Captions.Joined(told, Maybe(0.12, Free.Adverbs));
    }

    private string WithUnknownWords(string text) => Regex.Replace(text, "~", _ => Any(Free.Unknown));

    private string Maybe(double chance, string[] phrases) => random.NextDouble() < chance ? Any(phrases) : "";

    private T Any<T>(T[] values) => values[random.Next(values.Length)];
}
