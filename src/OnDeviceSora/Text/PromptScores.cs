using System.Globalization;

namespace OnDeviceSora.Text;

/// <summary>
/// The scores that are written behind a prompt, as the captions of the training videos had them. Specification section 2, step 4.
/// </summary>
internal sealed record PromptScores
{
    /// <summary>Aesthetic score, about 4 to 7; <c>null</c> writes none. Default 6.5, as in the reference's configuration.</summary>
    public double? Aesthetic { get; init; } = 6.5;

    /// <summary>Motion score, about 0 to 20; <c>null</c> writes none. Default <c>null</c>.</summary>
    public double? Motion { get; init; }

    /// <summary>Camera motion in words, for example "pan left"; <c>null</c> writes none. Default <c>null</c>.</summary>
    public string? CameraMotion { get; init; }

    /// <summary>No scores at all.</summary>
    public static PromptScores None { get; } = new() { Aesthetic = null };

    /// <summary>Appends the scores to a prompt, except those the prompt already speaks of.</summary>
    /// <exception cref="InvalidRequestException">A score is not a number.</exception>
    public string AppendTo(string prompt)
    {
        string result = prompt;
        if (Aesthetic is { } aesthetic && !Mentions(prompt, "aesthetic score:"))
            result += $" aesthetic score: {OneDecimal(nameof(Aesthetic), aesthetic)}.";
        if (Motion is { } motion && !Mentions(prompt, "motion score:"))
            result += $" motion score: {OneDecimal(nameof(Motion), motion)}.";
        if (CameraMotion is { } camera && !Mentions(prompt, "camera motion:"))
            result += $" camera motion: {camera}.";
        return result;
    }

    private static bool Mentions(string prompt, string marker) => prompt.Contains(marker, StringComparison.Ordinal);

    private static string OneDecimal(string name, double score)
    {
        if (!double.IsFinite(score))
            throw new InvalidRequestException(name, $"the score {score} is not a number; 6.5 would be one.");
        // Half to even, of the binary value: only quarters can lie exactly in the middle.
        if (Math.Abs(score) < 1e9 && score * 4 % 2 is 1 or -1)
            score = Math.Floor(score * 10) / 10 + (Math.Floor(score * 10) % 2 == 0 ? 0 : 0.1);
        return score.ToString("F1", CultureInfo.InvariantCulture);
    }
}
