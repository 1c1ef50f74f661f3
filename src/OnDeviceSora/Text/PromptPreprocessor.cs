using OnDeviceSora.Text.Cleaning;

namespace OnDeviceSora.Text;

/// <summary>A prompt, ready for the tokenizer.</summary>
/// <param name="Segments">The cleaned texts; ask <see cref="PromptSegments.ForLoop"/> for the one to encode (loop 0 for a single clip).</param>
/// <param name="ReferencePath">Reference images or videos named behind the prompt, or <c>null</c>.</param>
/// <param name="MaskStrategy">How they are used, or <c>null</c>.</param>
internal sealed record PreparedPrompt(PromptSegments Segments, string? ReferencePath, string? MaskStrategy)
{
    /// <summary>The text to encode for a single clip.</summary>
    public string Text => Segments.ForLoop(0);
}

/// <summary>Turns what a person typed into what the model was trained on. Specification section 2, in its order.</summary>
internal static class PromptPreprocessor
{
    /// <summary>Prepares one prompt.</summary>
    /// <param name="prompt">Any Unicode.</param>
    /// <param name="scores">Scores to append; <c>null</c> for the defaults (aesthetic score 6.5).</param>
    /// <param name="clean">False to lower-case only.</param>
    /// <exception cref="InvalidRequestException">The prompt's JSON tail or list of segments is malformed.</exception>
    public static PreparedPrompt Prepare(string prompt, PromptScores? scores = null, bool clean = true)
    {
        scores ??= new PromptScores();
        var tail = PromptTail.Split(prompt);
        var segments = PromptSegments.Parse(tail.Words)
            .Select(scores.AppendTo)
            .Select(clean ? CaptionCleaner.Clean : CaptionCleaner.LowerOnly);
        return new PreparedPrompt(segments, tail.ReferencePath, tail.MaskStrategy);
    }
}
