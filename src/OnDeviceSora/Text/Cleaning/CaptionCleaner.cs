using System.Net;
using static OnDeviceSora.Text.Cleaning.CaptionPatterns;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>
/// Makes a caption look like the captions the model was trained on: lower case, no addresses, no markup, plain punctuation.
/// Specification section 2 (<c>clean_caption</c>); the comments give its step numbers.
/// </summary>
internal static class CaptionCleaner
{
    /// <summary>The caption as inference uses it: cleaned twice.</summary>
    public static string Clean(string caption) => CleanOnce(CleanOnce(caption));

    /// <summary>The caption where cleaning is switched off: lower case, no space around it.</summary>
    public static string LowerOnly(string caption) => CharacterClasses.Trim(LowerCase.Of(caption));

    /// <summary>One pass over the caption.</summary>
    public static string CleanOnce(string caption)
    {
        caption = WebUtility.UrlDecode(caption);                                                     // 1
        caption = LowerCase.Of(CharacterClasses.Trim(caption));
        caption = caption.Replace("<person>", "person", StringComparison.Ordinal);                   // 2
        caption = WebAddresses.Remove(caption, "https:", "http:");                                   // 3
        caption = WebAddresses.Remove(caption, "www:");
        caption = HtmlText.Extract(caption);                                                         // 4
        caption = PlainPunctuation(caption);
        caption = WithoutNumbersAndFiles(caption);
        caption = WithoutIdlePunctuation(caption);
        caption = HtmlEntities.Unescape(HtmlEntities.Unescape(TextRepair.Repair(caption)));          // 16
        caption = WithoutCodesAndOffers(CharacterClasses.Trim(caption));
        return WithoutOuterMarks(Spaced(caption));
    }

    private static string PlainPunctuation(string caption)
    {
        caption = Nickname().Replace(caption, "");                                                   // 5
        caption = Ideographs().Replace(caption, "");                                                 // 6
        caption = Dashes().Replace(caption, "-");                                                    // 7
        caption = DoubleQuotes().Replace(caption, "\"");                                             // 8
        return SingleQuotes().Replace(caption, "'");
    }

    private static string WithoutNumbersAndFiles(string caption)
    {
        caption = QuoteReference().Replace(caption, "");                                             // 9
        caption = caption.Replace("&amp", "", StringComparison.Ordinal);
        caption = NetworkAddress().Replace(caption, " ");                                            // 10
        caption = ClosingTime().Replace(caption, "");
        caption = caption.Replace("\\n", " ", StringComparison.Ordinal);
        caption = ShortHashNumber().Replace(caption, "");                                            // 11
        caption = LongHashNumber().Replace(caption, "");
        caption = LongNumber().Replace(caption, "");
        return FileName().Replace(caption, "");
    }

    private static string WithoutIdlePunctuation(string caption)
    {
        caption = RepeatedQuotes().Replace(caption, "\"");                                           // 12
        caption = RepeatedDots().Replace(caption, " ");
        caption = IdlePunctuation().Replace(caption, " ");                                           // 13
        caption = LonelyDot().Replace(caption, " ");                                                 // 14
        return Joiner().Count(caption) > 3 ? Joiner().Replace(caption, " ") : caption;               // 15
    }

    private static string WithoutCodesAndOffers(string caption)
    {
        caption = LettersDigits().Replace(caption, "");                                              // 17
        caption = LettersDigitsLetters().Replace(caption, "");
        caption = DigitsLettersDigits().Replace(caption, "");
        caption = Shipping().Replace(caption, "");                                                   // 18
        caption = Download().Replace(caption, "");
        caption = Click().Replace(caption, "");
        caption = FileType().Replace(caption, "");
        caption = PageNumber().Replace(caption, "");
        caption = Alternating().Replace(caption, " ");                                               // 19
        return Dimensions().Replace(caption, "");                                                    // 20
    }

    private static string Spaced(string caption)
    {
        caption = LonelyColon().Replace(caption, ": ");                                              // 21
        caption = TightPunctuation().Replace(caption, "$1 ");
        return Whitespace().Replace(caption, " ");
    }

    // A space at the start or end protects the character beside it, as in the reference: it is removed last.
    private static string WithoutOuterMarks(string caption)
    {
        caption = EnclosingQuotes().Replace(caption, "$1");                                          // 22
        caption = LeadingMark().Replace(caption, "");
        caption = TrailingMark().Replace(caption, "");
        caption = DottedWord().Replace(caption, "");
        return CharacterClasses.Trim(caption);
    }
}
