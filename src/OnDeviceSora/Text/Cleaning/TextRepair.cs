using System.Text;
using System.Text.RegularExpressions;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>
/// Repairs damaged text (specification section 2, cleaning step 16): mojibake, stray control characters, ligatures, full-width
/// forms, curled quotation marks, odd line breaks, unpaired surrogates, and characters split into letter and mark.
/// </summary>
internal static partial class TextRepair
{
    // Each round undoes one layer of damage; text mangled more often than this stays as it is.
    private const int MaximumRounds = 8;

    /// <summary>The text, repaired.</summary>
    public static string Repair(string text)
    {
        if (Ascii.IsValid(text) && text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 && !text.Contains('\x7f', StringComparison.Ordinal))
            return text;
        for (int round = 0; round < MaximumRounds; round++)
        {
            string before = text;
            text = RepairOnce(text);
            if (text == before) break;
        }
        return text;
    }

    private static string RepairOnce(string text)
    {
        text = MojibakeRepair.Repair(text);
        text = StrayControl().Replace(text, match => Windows1252.Decode((byte)match.ValueSpan[0]).ToString());
        text = Ligature().Replace(text, match => LettersOf(match.ValueSpan[0]));
        text = CharacterWidth.Normalize(text);
        text = CurledSingleQuote().Replace(text, "'");
        text = CurledDoubleQuote().Replace(text, "\"");
        text = LineBreak().Replace(text, "\n");
        text = TerminalEscape().Replace(text, "");
        text = Invisible().Replace(text, "");
        return CanonicalComposition.Normalize(WithoutLoneSurrogates(text));
    }

    private static string LettersOf(char ligature) => ligature switch
    {
        '\u0132' => "IJ",
        '\u0133' => "ij",
        '\u0149' => "\u02BCn",
        '\u01C4' => "D\u017D",
        '\u01C5' => "D\u017E",
        '\u01C6' => "d\u017E",
        '\u01C7' => "LJ",
        '\u01C8' => "Lj",
        '\u01C9' => "lj",
        '\u01CA' => "NJ",
        '\u01CB' => "Nj",
        '\u01CC' => "nj",
        '\u01F1' => "DZ",
        '\u01F2' => "Dz",
        '\u01F3' => "dz",
        '\uFB00' => "ff",
        '\uFB01' => "fi",
        '\uFB02' => "fl",
        '\uFB03' => "ffi",
        '\uFB04' => "ffl",
        '\uFB05' => "\u017Ft",
        _ => "st",
    };

    private static string WithoutLoneSurrogates(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) result.Append(rune);
        return result.ToString();
    }

    [GeneratedRegex(@"[\u0080-\u009F]")]
    private static partial Regex StrayControl();

    [GeneratedRegex(@"[\u0132\u0133\u0149\u01C4-\u01CC\u01F1-\u01F3\uFB00-\uFB06]")]
    private static partial Regex Ligature();

    [GeneratedRegex(@"[\u02BC\u2018-\u201B]")]
    private static partial Regex CurledSingleQuote();

    [GeneratedRegex(@"[\u201C-\u201F]")]
    private static partial Regex CurledDoubleQuote();

    [GeneratedRegex(@"\r\n|[\r\u0085\u2028\u2029]")]
    private static partial Regex LineBreak();

    [GeneratedRegex(@"\x1b\[[0-9;]*[a-zA-Z]")]
    private static partial Regex TerminalEscape();

    [GeneratedRegex(@"[\x00-\x08\x0b\x0e-\x1f\x7f\u206A-\u206F\uFEFF\uFFF9-\uFFFC]")]
    private static partial Regex Invisible();
}
