using System.Globalization;
using System.Text;

namespace OnDeviceSora.Checkpoints;

/// <summary>Puts what untrusted files contain into messages: short, on one line, harmless to a terminal.</summary>
internal static class Describe
{
    private const int LongestQuote = 120;

    /// <summary>A name from a file in quotes: control characters escaped, cut when long.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var c in text.Length > LongestQuote ? text.AsSpan(0, LongestQuote) : text)
        {
            if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029')
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                quoted.Append(c);
        }

        return quoted.Append(text.Length > LongestQuote ? "...'" : "'").ToString();
    }

    /// <summary>A shape, for example <c>[2, 3]</c>.</summary>
    public static string Shape(ReadOnlySpan<long> shape)
    {
        const int most = 12;
        var shown = string.Join(", ", shape[..Math.Min(most, shape.Length)].ToArray());
        return shape.Length > most ? $"[{shown}, ... {shape.Length} dimensions]" : $"[{shown}]";
    }

    /// <summary>A shape, for example <c>[2, 3]</c>.</summary>
    public static string Shape(ReadOnlySpan<int> shape)
    {
        var wide = new long[shape.Length];
        for (var i = 0; i < wide.Length; i++) wide[i] = shape[i];
        return Shape(wide);
    }

    /// <summary>The first few of many names, for example <c>'a', 'b' and 7 more</c>.</summary>
    public static string Names(IReadOnlyCollection<string> names, int most = 8)
    {
        var shown = string.Join(", ", names.Take(most).Select(Quote));
        return names.Count > most ? $"{shown} and {names.Count - most} more" : shown;
    }
}
