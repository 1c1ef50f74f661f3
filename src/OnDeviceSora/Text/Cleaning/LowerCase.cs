using System.Text;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>Lower case as the reference has it: the full Unicode mapping, of which .NET's invariant one lacks two cases.</summary>
internal static class LowerCase
{
    /// <summary>The text in lower case.</summary>
    public static string Of(string text)
    {
        string lower = text.ToLowerInvariant();
        if (text.AsSpan().IndexOfAny('\u0130', '\u03A3') < 0) return lower;

        var result = new StringBuilder(lower.Length + 4);
        for (int i = 0; i < lower.Length; i++)
        {
            if (text[i] == '\u0130') result.Append("i\u0307");
            else result.Append(text[i] == '\u03A3' && IsFinal(text, i) ? '\u03C2' : lower[i]);
        }
        return result.ToString();
    }

    // A capital sigma is final when a letter stands before it and none after; marks between do not count.
    private static bool IsFinal(string text, int index) =>
        HasLetter(text, index, -1) && !HasLetter(text, index, 1);

    private static bool HasLetter(string text, int index, int step)
    {
        int i = index + step;
        while ((uint)i < (uint)text.Length && IsIgnorable(text[i])) i += step;
        return (uint)i < (uint)text.Length && char.IsLetter(text[i]);
    }

    private static bool IsIgnorable(char value) =>
        value is '\'' or '.' or ':' or '\u00AD' or '\u2019' ||
        char.GetUnicodeCategory(value) is System.Globalization.UnicodeCategory.NonSpacingMark or
            System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.ModifierSymbol;
}
