using System.Buffers;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>Finds where a start tag ends, with the tolerance for broken attributes that the reference's parser has.</summary>
internal static class HtmlStartTag
{
    private static readonly SearchValues<char> EndOfName = SearchValues.Create("\t\n\r\f />\0");

    /// <summary>The end of a tag's name.</summary>
    public static int NameEnd(string text, int nameStart)
    {
        int length = text.AsSpan(nameStart).IndexOfAny(EndOfName);
        return length < 0 ? text.Length : nameStart + length;
    }

    /// <summary>The position after the <c>&gt;</c> of the tag whose name ends here, or -1 when the tag is not complete.</summary>
    public static int End(string text, int nameEnd)
    {
        int i = nameEnd;
        if (text.IndexOf('>', i) < 0) return -1;
        while (i < text.Length && (CharacterClasses.IsSpace(text[i]) || text[i] == '/')) i++;
        while (StartsAttribute(text, i))
        {
            i = EndOfAttributeName(text, i);
            i = EndOfValue(text, i);
            while (i < text.Length && (CharacterClasses.IsSpace(text[i]) || text[i] == '/' && At(text, i + 1) != '>')) i++;
        }
        if (At(text, i) == '>') return i + 1;
        return At(text, i) == '/' && At(text, i + 1) == '>' ? i + 2 : -1;
    }

    private static bool StartsAttribute(string text, int i) =>
        i < text.Length && text[i] is not ('/' or '>') && !CharacterClasses.IsSpace(text[i]) &&
        (text[i - 1] is '\'' or '"' or '/' || CharacterClasses.IsSpace(text[i - 1]));

    private static int EndOfAttributeName(string text, int i)
    {
        i++;
        while (i < text.Length && text[i] is not ('/' or '=' or '>') && !CharacterClasses.IsSpace(text[i])) i++;
        return i;
    }

    private static int EndOfValue(string text, int nameEnd)
    {
        int sign = SkipSpace(text, nameEnd);
        int afterSign = sign;
        while (At(text, afterSign) == '=') afterSign++;
        if (afterSign == sign) return nameEnd;

        int value = SkipSpace(text, afterSign);
        if (At(text, value) is not ('\'' or '"')) return SkipSpace(text, EndOfBareValue(text, value));
        int close = text.IndexOf(text[value], value + 1);
        if (close >= 0) return SkipSpace(text, close + 1);
        // A quotation mark that is never closed starts no value: it belongs to the next name, or to a bare value after "==".
        if (value > afterSign) return value;
        return afterSign - sign > 1 ? SkipSpace(text, EndOfBareValue(text, afterSign - 1)) : nameEnd;
    }

    private static int EndOfBareValue(string text, int i)
    {
        while (i < text.Length && text[i] != '>' && !CharacterClasses.IsSpace(text[i])) i++;
        return i;
    }

    private static int SkipSpace(string text, int i)
    {
        while (i < text.Length && CharacterClasses.IsSpace(text[i])) i++;
        return i;
    }

    private static char At(string text, int index) => index < text.Length ? text[index] : '\0';
}
