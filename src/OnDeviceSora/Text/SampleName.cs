using System.Globalization;

namespace OnDeviceSora.Text;

/// <summary>How a generated file is called when nobody says. Specification section 10.</summary>
internal static class SampleName
{
    // Most file systems take 255 bytes; characters of up to four, an extension and a number must fit.
    private const int LongestPrompt = 50;

    /// <summary>The name by number: <c>sample_0003</c>.</summary>
    /// <param name="index">Which sample, from 0.</param>
    /// <param name="name">The word before the number.</param>
    /// <param name="take">Which of several videos of one prompt, or <c>null</c> when there is but one.</param>
    public static string ByIndex(int index, string name = "sample", int? take = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}_{index:0000}{Suffix(take)}");

    /// <summary>The name by prompt; characters that no file name may have become <c>_</c>, and a long prompt is cut.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="name">A word before it.</param>
    /// <param name="take">Which of several videos of one prompt, or <c>null</c> when there is but one.</param>
    public static string ByPrompt(string prompt, string name = "", int? take = null)
    {
        string safe = string.Concat(prompt.EnumerateRunes().Take(LongestPrompt).Select(rune => IsSafe(rune) ? rune.ToString() : "_"));
        safe = safe.TrimEnd('.', ' ');
        return name + (safe.Length == 0 ? "_" : safe) + Suffix(take);
    }

    private static bool IsSafe(System.Text.Rune rune) =>
        rune.Value >= 0x20 && rune.Value is not (0x7F or 0xFFFD) && !"<>:\"/\\|?*".Contains((char)Math.Min(rune.Value, 0xFFFF), StringComparison.Ordinal);

    private static string Suffix(int? take) => take is { } number ? string.Create(CultureInfo.InvariantCulture, $"-{number}") : "";
}
