using System.Text;
using System.Text.RegularExpressions;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>
/// Reads a caption as HTML and keeps its text (specification section 2, cleaning step 4). It follows the lenient parser of the
/// reference (Python's <c>html.parser</c> under BeautifulSoup) and not the HTML standard: "a &lt; b" and an unfinished tag stay
/// text, for which a standard parser would drop what follows.
/// </summary>
internal sealed partial class HtmlText
{
    private static readonly string[] CharacterDataSections = ["temp", "cdata", "ignore", "include", "rcdata"];
    private static readonly string[] ConditionalSections = ["if", "else", "endif"];

    private readonly string _markup;
    private readonly HtmlTextContent _content = new();
    private int _position;
    private readonly HashSet<Regex> _absent = [];   // patterns that occur nowhere ahead: not looked for again
    private string? _rawElement;   // inside <script> or <style>, where only its own end tag counts

    private HtmlText(string markup) => _markup = markup;

    /// <summary>The text of a piece of HTML.</summary>
    public static string Extract(string markup)
    {
        if (markup.AsSpan().IndexOfAny('<', '&') < 0) return markup;
        var reader = new HtmlText(markup);
        // What the first pass cannot decide (it may go on in more input) the second takes as it stands.
        reader.Read(isEnd: false);
        reader.Read(isEnd: true);
        return reader._content.ToString();
    }

    private void Read(bool isEnd)
    {
        bool goesOn = true;
        while (goesOn && _position < _markup.Length)
        {
            int next = _rawElement is null ? _markup.AsSpan(_position).IndexOfAny('<', '&') : EndOfRawText();
            if (next < 0 && _rawElement is not null) return;
            AppendTo(next < 0 ? _markup.Length : _position + next);
            if (_position == _markup.Length) return;
            goesOn = _markup[_position] == '<' ? ReadMarkup(isEnd) : ReadReference(isEnd);
        }
        if (isEnd && _rawElement is null) AppendTo(_markup.Length);
    }

    private bool ReadMarkup(bool isEnd)
    {
        int end = char.IsAsciiLetter(At(_position + 1)) ? ReadStartTag()
            : At(_position + 1) == '/' ? ReadEndTag()
            : StartsWith("<!--") ? EndOf(CommentEnd(), _position + 4)
            : At(_position + 1) == '?' ? After('>', _position + 2)
            : At(_position + 1) == '!' ? ReadDeclaration()
            : _position + 1 < _markup.Length ? AppendLessThan()
            : int.MinValue;
        if (end == int.MinValue) return false;
        if (end >= 0)
        {
            _position = end;
            return true;
        }
        if (!isEnd) return false;
        int close = _markup.IndexOf('>', _position + 1);
        int open = _markup.IndexOf('<', _position + 1);
        AppendTo(close >= 0 ? close + 1 : open >= 0 ? open : _position + 1);
        return true;
    }

    private int AppendLessThan()
    {
        _content.Append("<");
        return _position + 1;
    }

    private int ReadStartTag()
    {
        int nameEnd = HtmlStartTag.NameEnd(_markup, _position + 1);
        int end = HtmlStartTag.End(_markup, nameEnd);
        if (end < 0) return end;
        string name = LowerCase.Of(_markup[(_position + 1)..nameEnd]);
        bool selfClosing = _markup[end - 2] == '/';
        _content.Open(name, selfClosing);
        if (!selfClosing && name is "script" or "style") _rawElement = name;
        return end;
    }

    private int ReadEndTag()
    {
        int close = _markup.IndexOf('>', _position + 1);
        if (close < 0) return -1;
        var match = EndTagHere().Match(_markup, _position);
        if (match.Success)
        {
            _content.Close(LowerCase.Of(match.Groups[1].Value));
            _rawElement = null;
            return close + 1;
        }
        if (!char.IsAsciiLetter(At(_position + 2))) return close + 1;   // </> or a comment in all but name
        int nameEnd = HtmlStartTag.NameEnd(_markup, _position + 2);
        _content.Close(LowerCase.Of(_markup[(_position + 2)..nameEnd]));
        return After('>', nameEnd);
    }

    private int ReadDeclaration()
    {
        if (!StartsWith("<![")) return After('>', _position + 2);
        string name = LowerCase.Of(SectionName().Match(_markup, _position + 3).Groups[1].Value);
        if (ConditionalSections.Contains(name)) return EndOf(ConditionalEnd(), _position + 3);
        if (!CharacterDataSections.Contains(name)) return After('>', _position + 2);
        var end = Find(SectionEnd(), _position + 3);
        if (!end.Success) return -1;
        int start = _position + "<![cdata[".Length;
        if (name == "cdata" && _markup[start - 1] == '[' && end.Index >= start)
            _content.Append(_markup.AsSpan(start, end.Index - start));
        return end.Index + end.Length;
    }

    private bool ReadReference(bool isEnd)
    {
        if (At(_position + 1) == '#')
        {
            var number = NumericReference().Match(_markup, _position);
            if (number.Success) return AppendReference(NumberedCharacter(number), number);
            if (_markup.IndexOf(';', _position) >= 0) AppendTo(_position + 2);
            return false;
        }
        if (!char.IsAsciiLetter(At(_position + 1)))
        {
            if (_position + 1 == _markup.Length) return false;
            AppendTo(_position + 1);
            return true;
        }
        var match = NamedReference().Match(_markup, _position);
        string name = match.Groups[1].Value;
        if (match.Success) return AppendReference(HtmlEntities.ByName(name + ";") ?? "&" + name, match);
        // Two last characters "&x": the reference loses the ampersand.
        if (isEnd && _position + 2 == _markup.Length) _position++;
        return false;
    }

    // A reference is followed by one more character, which is part of it only when it is the semicolon.
    private bool AppendReference(string text, Match match)
    {
        _content.Append(text);
        _position = match.Index + match.Length - (match.Value[^1] == ';' ? 0 : 1);
        return true;
    }

    private static string NumberedCharacter(Match match)
    {
        bool hexadecimal = match.Groups[2].Success;
        int number = HtmlEntities.ParseNumber((hexadecimal ? match.Groups[2] : match.Groups[1]).ValueSpan, hexadecimal);
        if (number < 256) return Windows1252.Decode((byte)number).ToString();
        return Rune.IsValid(number) ? new Rune(number).ToString() : "\uFFFD";
    }

    // How far ahead the end tag of a script or style is, or -1.
    private int EndOfRawText()
    {
        for (var match = EndTag().Match(_markup, _position); match.Success; match = match.NextMatch())
            if (string.Equals(match.Groups[1].Value, _rawElement, StringComparison.OrdinalIgnoreCase))
                return match.Index - _position;
        return -1;
    }

    private void AppendTo(int end)
    {
        _content.Append(_markup.AsSpan(_position, end - _position));
        _position = end;
    }

    private int After(char value, int start)
    {
        int found = start > _markup.Length ? -1 : _markup.IndexOf(value, start);
        return found < 0 ? -1 : found + 1;
    }

    private int EndOf(Regex pattern, int start)
    {
        var match = Find(pattern, start);
        return match.Success ? match.Index + match.Length : -1;
    }

    private Match Find(Regex pattern, int start)
    {
        if (start > _markup.Length || _absent.Contains(pattern)) return Match.Empty;
        var match = pattern.Match(_markup, start);
        if (!match.Success) _absent.Add(pattern);
        return match;
    }

    private bool StartsWith(string value) => string.CompareOrdinal(_markup, _position, value, 0, value.Length) == 0;

    private char At(int index) => index < _markup.Length ? _markup[index] : '\0';

    [GeneratedRegex(@"\G&#(?:([0-9]+)|[xX]([0-9a-fA-F]+))[^0-9a-fA-F]")]
    private static partial Regex NumericReference();

    [GeneratedRegex(@"\G&([a-zA-Z][-.a-zA-Z0-9]*)[^a-zA-Z0-9]")]
    private static partial Regex NamedReference();

    [GeneratedRegex(@"</\s*([a-zA-Z][-.a-zA-Z0-9:_]*)\s*>")]
    private static partial Regex EndTag();

    [GeneratedRegex(@"\G</\s*([a-zA-Z][-.a-zA-Z0-9:_]*)\s*>")]
    private static partial Regex EndTagHere();

    [GeneratedRegex(@"--\s*>")]
    private static partial Regex CommentEnd();

    [GeneratedRegex(@"\G([a-zA-Z][-_.a-zA-Z0-9]*)")]
    private static partial Regex SectionName();

    [GeneratedRegex(@"\]\s*\]\s*>")]
    private static partial Regex SectionEnd();

    [GeneratedRegex(@"\]\s*>")]
    private static partial Regex ConditionalEnd();
}
