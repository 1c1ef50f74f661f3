using OnDeviceSora.Text.Cleaning;

namespace OnDeviceSora.Tests.Text;

public sealed class CaptionCleanerTests
{
    [Theory]
    [InlineData("<p>one<br>two</p>", "onetwo")]
    [InlineData("a<!-- note -->b", "ab")]
    [InlineData("a<!doctype html>b", "ab")]
    [InlineData("a<?php x ?>b", "ab")]
    [InlineData("<style>p{}</style>a<template>b<i>c</i></template>d", "ad")]
    [InlineData("<ruby>a<rt>b</rt></ruby>c", "ac")]
    [InlineData("a<script>b</script >c", "ac")]
    [InlineData("a<script>b<p></i>", "a")]
    [InlineData("<![CDATA[a]]>b", "ab")]
    [InlineData("<![if x]>a<![endif]>", "a")]
    [InlineData("a &lt;b&gt; &eacute; &#233; &#xe9; &#150;", "a <b> \u00e9 \u00e9 \u00e9 \u2013")]
    [InlineData("a &unknown; b", "a &unknown b")]
    [InlineData("fish &amp chips", "fish & chips")]
    [InlineData("ends in &amp", "ends in &amp")]
    [InlineData("5 < 6 & 7 > 6", "5 < 6 & 7 > 6")]
    [InlineData("<a href=\"x > y\" title='q'>t</a>", "t")]
    [InlineData("<a href=x/y>t</a>", "t")]
    [InlineData("<a href=\"open>t", "<a href=\"open>t")]
    [InlineData("<a href= \"open>t", "t")]
    [InlineData("<a b==\"open>t", "t")]
    [InlineData("<br/>a</br>b</>c</ >d", "abcd")]
    [InlineData("a<", "a<")]
    [InlineData("a</", "a</")]
    [InlineData("a<!-- open", "a<!-- open")]
    [InlineData("&", "&")]
    [InlineData("&#;x<b>y</b>", "&#;xy")]
    public void Html_is_read_like_the_lenient_parser_of_the_reference(string markup, string text) =>
        Assert.Equal(text, HtmlText.Extract(markup));

    [Theory]
    [InlineData("&amp;&lt;&gt;", "&<>")]
    [InlineData("&ampx &notit; &notin;", "&x \u00acit; \u2209")]
    [InlineData("&#x41;&#65&#0;&#xD800;&#x110000;&#99999999999;", "AA\uFFFD\uFFFD\uFFFD\uFFFD")]
    [InlineData("&#128;&#x1;&#xFFFE;", "\u20AC")]
    [InlineData("& &; &# &x", "& &; &# &x")]
    public void Character_references_are_resolved_as_in_browsers(string text, string expected) =>
        Assert.Equal(expected, HtmlEntities.Unescape(text));

    [Theory]
    [InlineData("\u00e2\u20ac\u0153x\u00e2\u20ac\u009d", "\"x\"")]
    [InlineData("caf\u00c3\u00a9 20\u00c2\u00b0", "caf\u00e9 20\u00b0")]
    [InlineData("\u00d0\u00bc\u00d0\u00b8\u00d1\u20ac", "\u043c\u0438\u0440")]
    [InlineData("\u00c3\u0192\u00c2\u00a9", "\u00e9")]
    [InlineData("ma\u00df\u2026 F\u00d6\u2026 d\u00e9j\u00e0 na\u00efve \u00e0 la", "ma\u00df\u2026 F\u00d6\u2026 d\u00e9j\u00e0 na\u00efve \u00e0 la")]
    [InlineData("\u0091a\u0092", "'a'")]
    [InlineData("o\ufb03ce \u01c9", "office lj")]
    [InlineData("\uff21\uff11\u3000\uff76\uff9e", "A1 \u30ac")]
    [InlineData("a\r\nb\u2028c", "a\nb\nc")]
    [InlineData("\u001b[31mred\u001b[0m \u0007\ufeffbell", "red bell")]
    [InlineData("plain text, nothing to do", "plain text, nothing to do")]
    public void Damaged_text_is_repaired_and_honest_text_is_not(string text, string expected) =>
        Assert.Equal(expected, TextRepair.Repair(text));

    [Fact]
    public void Half_a_surrogate_pair_becomes_a_replacement_character() => Assert.Equal("\ufffdx", TextRepair.Repair("\ud800x"));

    [Theory]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("a\u0307\u0323", "\u1ea1\u0307")]
    [InlineData("\u1100\u1161\u11a8", "\uac01")]
    [InlineData("\uac01", "\uac01")]
    [InlineData("\u212b \u0344 \u0958", "\u00c5 \u0308\u0301 \u0915\u093c")]
    [InlineData("\u03b1\u0345\u0301", "\u1fb4")]
    [InlineData("\u1100\u0301\u1161", "\u1100\u0301\u1161")]
    [InlineData("\ud834\udd5e \U0001f600", "\ud834\udd57\ud834\udd65 \U0001f600")]
    public void Letters_and_marks_are_composed(string text, string expected) =>
        Assert.Equal(expected, CanonicalComposition.Normalize(text));

    [Theory]
    [InlineData("\u0130", "i\u0307")]
    [InlineData("\u039f\u03a3 \u03a3\u039f", "\u03bf\u03c2 \u03c3\u03bf")]
    [InlineData("\u03a3", "\u03c3")]
    [InlineData("\u1e9e\u00c9", "\u00df\u00e9")]
    public void Lower_case_is_the_full_unicode_one(string text, string expected) => Assert.Equal(expected, LowerCase.Of(text));

    [Theory]
    [InlineData("a \u0661\u00b2\u0301 @x\u00b2\u0301y", "a \u0661\u00b2\u0301 \u0301y")]
    [InlineData("go to a.b.com/x-/ and c.net@d", "go to - and c. net")]
    [InlineData("x www:/y https:z", "x y")]
    public void Word_characters_are_those_of_the_reference(string text, string expected) =>
        Assert.Equal(expected, CaptionCleaner.CleanOnce(text));

    // Shapes that make careless patterns take quadratic or exponential time; at this length that would be minutes.
    [Theory]
    [InlineData("a.")]
    [InlineData("a.com@")]
    [InlineData(" ")]
    [InlineData("\t.")]
    [InlineData("1")]
    [InlineData("1a")]
    [InlineData("a1a_")]
    [InlineData("<")]
    [InlineData("<a ")]
    [InlineData("<a b='")]
    [InlineData("</ ")]
    [InlineData("<!--")]
    [InlineData("<![cdata[")]
    [InlineData("<script>")]
    [InlineData("<b>")]
    [InlineData("&")]
    [InlineData("&#")]
    [InlineData("&a;")]
    [InlineData("%F0")]
    [InlineData("\"'")]
    [InlineData("free ")]
    [InlineData("worldwide free ")]
    [InlineData("\u00e2\u20ac")]
    [InlineData("\u0301")]
    [InlineData("1.1x")]
    [InlineData("-/")]
    public void Very_long_captions_of_any_shape_are_cleaned(string unit)
    {
        string caption = string.Concat(Enumerable.Repeat(unit, 60_000 / unit.Length));
        Assert.True(CaptionCleaner.Clean(caption).Length <= 2 * caption.Length);
        CaptionCleaner.Clean("x" + caption + ">_");
    }

    [Fact]
    public void Any_text_is_cleaned_without_an_error()
    {
        var random = new Random(5);
        string alphabet = "aZ09 .,:;-_/\\'\"<>&#@%+=!|{}()[]\n\t\u00e9\u00c3\u00a9\u00e2\u20ac\u0153\ufb01\uff21\u3000\u4e2d\u0301\u200b\ud83d\ude00\ud800\u0130\u03a3\0";
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Create(random.Next(60), random, (span, source) =>
            {
                for (int k = 0; k < span.Length; k++) span[k] = alphabet[source.Next(alphabet.Length)];
            });
            string cleaned = CaptionCleaner.Clean(text);
            Assert.Equal(CharacterClasses.Trim(cleaned), cleaned);
        }
    }
}
