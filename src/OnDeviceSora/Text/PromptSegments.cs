using System.Globalization;

namespace OnDeviceSora.Text;

/// <summary>
/// A prompt that changes from loop to loop, <c>|0|a calm sea|2|a storm|</c>, or that does not. Specification section 2, steps 2,
/// 6 and 7.
/// </summary>
/// <param name="Texts">The texts, one or more.</param>
/// <param name="Starts">The loop each of them starts at, rising from 0; <c>null</c> for a prompt that does not change.</param>
internal sealed record PromptSegments(IReadOnlyList<string> Texts, IReadOnlyList<int>? Starts)
{
    /// <summary>Takes a prompt apart; one that does not start with <c>|0|</c> is a single text.</summary>
    /// <exception cref="InvalidRequestException">It starts like a list but is none.</exception>
    public static PromptSegments Parse(string prompt)
    {
        if (!prompt.StartsWith("|0|", StringComparison.Ordinal)) return new PromptSegments([prompt], null);

        string[] parts = prompt[1..].Split('|');
        if (parts.Length % 2 != 0)
            throw Malformed($"'{parts[^1]}' is followed by no text");
        var texts = new List<string>();
        var starts = new List<int>();
        for (int i = 0; i < parts.Length; i += 2)
        {
            if (!int.TryParse(parts[i], NumberStyles.Integer, CultureInfo.InvariantCulture, out int start))
                throw Malformed($"'{parts[i]}' is not the number of a loop");
            if (starts.Count > 0 && start <= starts[^1])
                throw Malformed($"loop {start} follows loop {starts[^1]}");
            texts.Add(Cleaning.CharacterClasses.Trim(parts[i + 1]));
            starts.Add(start);
        }
        return new PromptSegments(texts, starts);
    }

    /// <summary>The same with every text changed.</summary>
    public PromptSegments Select(Func<string, string> change) => this with { Texts = [.. Texts.Select(change)] };

    /// <summary>The prompt as one string again.</summary>
    public string Merge() => Starts is null
        ? Texts[0]
        : string.Concat(Texts.Select((text, i) => string.Create(CultureInfo.InvariantCulture, $"|{Starts[i]}|{text}")));

    /// <summary>The text for a loop: the one whose start is the last not after it.</summary>
    /// <param name="loop">The loop, 0 or more.</param>
    public string ForLoop(int loop)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(loop);
        if (Starts is null) return Texts[0];
        int i = Texts.Count - 1;
        while (Starts[i] > loop) i--;
        return Texts[i];
    }

    private static InvalidRequestException Malformed(string what) =>
        new("Prompt", $"the prompt starts with |0| but is no list of segments: {what}; write |0|a calm sea|2|a storm.");
}
