using System.Text.RegularExpressions;
using static OnDeviceSora.Text.Cleaning.CharacterClasses;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>
/// The patterns of caption cleaning, numbered as in specification section 2. Every one of them is written so that its time grows
/// with the length of the caption and no faster: a run of equal characters is entered at its start only.
/// </summary>
internal static partial class CaptionPatterns
{
    private const string FileTypes = "(?:png|jpg|jpeg|bmp|webp|eps|pdf|apk|mp4)";

    /// <summary>Step 5: a user's name.</summary>
    [GeneratedRegex($"@{Word}+")]
    public static partial Regex Nickname();

    /// <summary>Step 6: East Asian strokes, enclosed forms and ideographs.</summary>
    [GeneratedRegex(@"[\u31C0-\u31FF\u3200-\u4DFF\u4E00-\u9FFF]+")]
    public static partial Regex Ideographs();

    /// <summary>Step 7: dashes of all kinds.</summary>
    [GeneratedRegex(@"[\u002D\u058A\u05BE\u1400\u1806\u2010-\u2015\u2E17\u2E1A\u2E3A\u2E3B\u2E40\u301C\u3030\u30A0\uFE31\uFE32\uFE58\uFE63\uFF0D]+")]
    public static partial Regex Dashes();

    /// <summary>Step 8: double quotation marks.</summary>
    [GeneratedRegex(@"[`\u00B4\u00AB\u00BB\u201C\u201D\u00A8]")]
    public static partial Regex DoubleQuotes();

    /// <summary>Step 8: single quotation marks.</summary>
    [GeneratedRegex(@"[\u2018\u2019]")]
    public static partial Regex SingleQuotes();

    /// <summary>Step 9: what is left of an HTML reference.</summary>
    [GeneratedRegex("&quot;?")]
    public static partial Regex QuoteReference();

    /// <summary>Step 10: an IPv4 address.</summary>
    [GeneratedRegex(@"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}")]
    public static partial Regex NetworkAddress();

    /// <summary>Step 10: a time or score, and space, at the end.</summary>
    [GeneratedRegex($@"\d:\d\d{Space}+$")]
    public static partial Regex ClosingTime();

    /// <summary>Step 11: a numbered hash tag.</summary>
    [GeneratedRegex($@"#\d{{1,3}}{Boundary}")]
    public static partial Regex ShortHashNumber();

    /// <summary>Step 11: a long numbered hash tag.</summary>
    [GeneratedRegex($@"#\d{{5,}}{Boundary}")]
    public static partial Regex LongHashNumber();

    /// <summary>Step 11: a long number.</summary>
    [GeneratedRegex($@"{Boundary}\d{{6,}}{Boundary}")]
    public static partial Regex LongNumber();

    /// <summary>Step 11: a file name.</summary>
    [GeneratedRegex($@"(?<!{NonSpace}){NonSpace}+\.{FileTypes}")]
    public static partial Regex FileName();

    /// <summary>Step 12: repeated quotation marks.</summary>
    [GeneratedRegex("[\"']{2,}")]
    public static partial Regex RepeatedQuotes();

    /// <summary>Step 12: repeated dots.</summary>
    [GeneratedRegex(@"\.{2,}")]
    public static partial Regex RepeatedDots();

    /// <summary>Step 13: punctuation that says nothing.</summary>
    [GeneratedRegex(@"[#\u00AE\u2022\u00A9\u2122&@\u00B7\u00BA\u00BD\u00BE\u00BF\u00A1\u00A7~)(\]\[}{|\\/*]+")]
    public static partial Regex IdlePunctuation();

    /// <summary>Step 14: a dot on its own.</summary>
    [GeneratedRegex($@"(?<!{Space}){Space}+\.{Space}+")]
    public static partial Regex LonelyDot();

    /// <summary>Step 15: what joins words.</summary>
    [GeneratedRegex("[-_]")]
    public static partial Regex Joiner();

    /// <summary>Step 17: letters, then digits.</summary>
    [GeneratedRegex($@"{Boundary}[a-zA-Z]{{1,3}}\d{{3,15}}{Boundary}")]
    public static partial Regex LettersDigits();

    /// <summary>Step 17: letters, digits, letters.</summary>
    [GeneratedRegex($@"{Boundary}[a-zA-Z]+\d+[a-zA-Z]+{Boundary}")]
    public static partial Regex LettersDigitsLetters();

    /// <summary>Step 17: digits, letters, digits.</summary>
    [GeneratedRegex($@"{Boundary}\d+[a-zA-Z]+\d+{Boundary}")]
    public static partial Regex DigitsLettersDigits();

    /// <summary>Step 18: shipping offers.</summary>
    [GeneratedRegex($@"(?:worldwide{Space}+)?(?:free{Space}+)?shipping")]
    public static partial Regex Shipping();

    /// <summary>Step 18: download offers.</summary>
    [GeneratedRegex($@"(?:free{Space})?download(?:{Space}free)?")]
    public static partial Regex Download();

    /// <summary>Step 18: calls to click.</summary>
    [GeneratedRegex($@"{Boundary}click{Boundary}{Space}(?:for|on){Space}{Word}+")]
    public static partial Regex Click();

    /// <summary>Step 18: names of file types.</summary>
    [GeneratedRegex($"{Boundary}{FileTypes}(?:{Space}images?)?")]
    public static partial Regex FileType();

    /// <summary>Step 18: page numbers.</summary>
    [GeneratedRegex($@"{Boundary}page{Space}+\d+{Boundary}")]
    public static partial Regex PageNumber();

    /// <summary>Step 19: letters and digits taking turns.</summary>
    [GeneratedRegex($@"{Boundary}\d*[a-zA-Z]+\d+[a-zA-Z]+\d(?>[a-zA-Z\d]*){Boundary}")]
    public static partial Regex Alternating();

    /// <summary>Step 20: a size, with a Latin or Cyrillic x or a multiplication sign.</summary>
    [GeneratedRegex($@"{Boundary}\d+(?:\.\d*)?[x\u0445\u00D7]\d+(?:\.\d*)?{Boundary}")]
    public static partial Regex Dimensions();

    /// <summary>Step 21: a colon on its own after a word.</summary>
    [GeneratedRegex($"{Boundary}{Space}+:{Space}+")]
    public static partial Regex LonelyColon();

    /// <summary>Step 21: punctuation without the space after it.</summary>
    [GeneratedRegex($@"(\D[,./]){Boundary}")]
    public static partial Regex TightPunctuation();

    /// <summary>Step 21: whitespace.</summary>
    [GeneratedRegex($"{Space}+")]
    public static partial Regex Whitespace();

    /// <summary>Step 22: a caption in quotation marks.</summary>
    [GeneratedRegex("^[\"']([\\w\\W]+)[\"']$")]
    public static partial Regex EnclosingQuotes();

    /// <summary>Step 22: a mark that opens nothing.</summary>
    [GeneratedRegex("^['_,\\-:;]")]
    public static partial Regex LeadingMark();

    /// <summary>Step 22: a mark that closes nothing.</summary>
    [GeneratedRegex("['_,\\-:+]$")]
    public static partial Regex TrailingMark();

    /// <summary>Step 22: a caption that is one word after a dot.</summary>
    [GeneratedRegex($@"^\.{NonSpace}+$")]
    public static partial Regex DottedWord();
}
