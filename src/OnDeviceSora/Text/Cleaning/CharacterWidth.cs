namespace OnDeviceSora.Text.Cleaning;

/// <summary>Full-width and half-width forms of East Asian fonts, as the ordinary characters they stand for.</summary>
internal static class CharacterWidth
{
    // U+FF5F onwards: brackets and punctuation, half-width katakana.
    private const string FromFF5F =
        "\u2985\u2986\u3002\u300C\u300D\u3001\u30FB\u30F2\u30A1\u30A3\u30A5\u30A7\u30A9\u30E3\u30E5\u30E7\u30C3\u30FC" +
        "\u30A2\u30A4\u30A6\u30A8\u30AA\u30AB\u30AD\u30AF\u30B1\u30B3\u30B5\u30B7\u30B9\u30BB\u30BD\u30BF\u30C1\u30C4" +
        "\u30C6\u30C8\u30CA\u30CB\u30CC\u30CD\u30CE\u30CF\u30D2\u30D5\u30D8\u30DB\u30DE\u30DF\u30E0\u30E1\u30E2\u30E4" +
        "\u30E6\u30E8\u30E9\u30EA\u30EB\u30EC\u30ED\u30EF\u30F3\u3099\u309A" +
        // U+FFA0 onwards: half-width Korean letters; unassigned places stand for themselves.
        "\u1160\u1100\u1101\u11AA\u1102\u11AC\u11AD\u1103\u1104\u1105\u11B0\u11B1\u11B2\u11B3\u11B4\u11B5\u111A\u1106" +
        "\u1107\u1108\u1121\u1109\u110A\u110B\u110C\u110D\u110E\u110F\u1110\u1111\u1112\uFFBF\uFFC0\uFFC1\u1161\u1162" +
        "\u1163\u1164\u1165\u1166\uFFC8\uFFC9\u1167\u1168\u1169\u116A\u116B\u116C\uFFD0\uFFD1\u116D\u116E\u116F\u1170" +
        "\u1171\u1172\uFFD8\uFFD9\u1173\u1174\u1175\uFFDD\uFFDE\uFFDF" +
        // U+FFE0 onwards: signs. U+FFE3 becomes a space and a macron.
        "\u00A2\u00A3\u00AC\uFFE3\u00A6\u00A5\u20A9\uFFE7\u2502\u2190\u2191\u2192\u2193\u25A0\u25CB";

    /// <summary>The text with every such character in its ordinary form.</summary>
    public static string Normalize(string text)
    {
        if (!text.Contains('\u3000', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\uFF01', '\uFFEE')) return text;
        string ordinary = string.Create(text.Length, text, (output, source) =>
        {
            for (int i = 0; i < source.Length; i++) output[i] = Ordinary(source[i]);
        });
        return ordinary.Replace("\uFFE3", " \u0304", StringComparison.Ordinal);
    }

    private static char Ordinary(char value) => value switch
    {
        '\u3000' => ' ',
        >= '\uFF01' and <= '\uFF5E' => (char)(value - 0xFEE0),
        >= '\uFF5F' and <= '\uFFEE' => FromFF5F[value - 0xFF5F],
        _ => value,
    };
}
