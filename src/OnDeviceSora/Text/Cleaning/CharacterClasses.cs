using System.Globalization;
using System.Text;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>
/// The character classes of the reference's regular expressions (Python <c>re</c>), which differ from .NET's: combining marks
/// are no word characters, other numbers are, and four ASCII control characters are whitespace.
/// </summary>
internal static class CharacterClasses
{
    /// <summary>Python's <c>\w</c> as a .NET character class.</summary>
    public const string Word = @"[\p{L}\p{N}_]";

    /// <summary>Python's <c>\s</c> as a .NET character class.</summary>
    public const string Space = @"[\s\x1c-\x1f]";

    /// <summary>Python's <c>\S</c> as a .NET character class.</summary>
    public const string NonSpace = @"[^\s\x1c-\x1f]";

    /// <summary>Python's <c>\b</c>.</summary>
    public const string Boundary = $"(?:(?<={Word})(?!{Word})|(?<!{Word})(?={Word}))";

    /// <summary>True for what <see cref="Space"/> matches.</summary>
    public static bool IsSpace(char value) => char.IsWhiteSpace(value) || value is >= '\x1c' and <= '\x1f';

    /// <summary>True when the character at an index, or the surrogate pair it belongs to, is a word character.</summary>
    public static bool IsWord(string text, int index)
    {
        if ((uint)index >= (uint)text.Length) return false;
        int start = char.IsLowSurrogate(text[index]) && index > 0 ? index - 1 : index;
        if (!Rune.TryGetRuneAt(text, start, out var rune)) return false;
        return rune.Value == '_' || Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
    }

    /// <summary>True when a word starts or ends between an index and the one before it.</summary>
    public static bool IsBoundary(string text, int index) => IsWord(text, index - 1) != IsWord(text, index);

    /// <summary>Removes whitespace at both ends.</summary>
    public static string Trim(string text)
    {
        int start = 0;
        int end = text.Length;
        while (start < end && IsSpace(text[start])) start++;
        while (end > start && IsSpace(text[end - 1])) end--;
        return text[start..end];
    }
}
