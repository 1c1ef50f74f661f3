using System.Globalization;
using System.Text;
using AngleSharp.Html;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>HTML character references and what they stand for.</summary>
internal static class HtmlEntities
{
    private const int LongestName = 32;

    /// <summary>The text a name stands for, written as in a document (<c>amp;</c>, or <c>amp</c> where HTML allows it), or null.</summary>
    public static string? ByName(string name) => HtmlEntityProvider.Resolver.GetSymbol(name);

    /// <summary>Replaces every reference in a text, as browsers do in running text: a missing semicolon is forgiven.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('&', StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            if (text[i] == '&' && TryRead(text, i + 1, out string replacement, out int end))
            {
                result.Append(replacement);
                i = end;
            }
            else
            {
                result.Append(text[i++]);
            }
        }
        return result.ToString();
    }

    private static bool TryRead(string text, int start, out string replacement, out int end) =>
        start < text.Length && text[start] == '#'
            ? TryReadNumber(text, start + 1, out replacement, out end)
            : TryReadName(text, start, out replacement, out end);

    private static bool TryReadNumber(string text, int start, out string replacement, out int end)
    {
        bool hexadecimal = start < text.Length && text[start] is 'x' or 'X';
        int digits = hexadecimal ? start + 1 : start;
        end = digits;
        while (end < text.Length && (hexadecimal ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end]))) end++;
        replacement = end == digits ? "" : FromNumber(ParseNumber(text.AsSpan(digits, end - digits), hexadecimal));
        bool found = end > digits;
        if (end < text.Length && text[end] == ';') end++;
        return found;
    }

    private static bool TryReadName(string text, int start, out string replacement, out int end)
    {
        int stop = start;
        while (stop < text.Length && stop < start + LongestName && text[stop] is not ('\t' or '\n' or '\f' or ' ' or '<' or '&' or '#' or ';'))
            stop++;
        if (stop > start && stop < text.Length && text[stop] == ';') stop++;

        // The longest name that the text starts with; without its semicolon only the oldest names count.
        for (end = stop; end > start + 1; end--)
        {
            if (ByName(text[start..end]) is not { } symbol) continue;
            replacement = symbol;
            return true;
        }
        replacement = "";
        return false;
    }

    /// <summary>The number of a numeric reference; values beyond Unicode are all the same.</summary>
    public static int ParseNumber(ReadOnlySpan<char> digits, bool hexadecimal)
    {
        digits = digits.TrimStart('0');
        if (digits.IsEmpty) return 0;
        if (digits.Length > 8) return int.MaxValue;
        return int.TryParse(digits, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 0
            ? value
            : int.MaxValue;
    }

    // What HTML prescribes: the C1 range means Windows-1252, other controls and non-characters mean nothing.
    private static string FromNumber(int number) => number switch
    {
        0 => "\uFFFD",
        0x0D => "\r",
        >= 0x80 and <= 0x9F => Windows1252.Decode((byte)number).ToString(),
        < 0x09 or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or (>= 0xFDD0 and <= 0xFDEF) => "",
        _ when !Rune.IsValid(number) => "\uFFFD",
        _ when (number & 0xFFFE) == 0xFFFE => "",
        _ => new Rune(number).ToString(),
    };
}
