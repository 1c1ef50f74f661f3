using System.Buffers;
using System.Globalization;
using System.Text;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>
/// Undoes the commonest damage to text: UTF-8 that was read as Latin-1 or Windows-1252, so that a quotation mark shows as three
/// odd characters. Only sequences that hardly occur in honest text are touched.
/// </summary>
internal static class MojibakeRepair
{
    /// <summary>The text with such sequences read as the UTF-8 they were.</summary>
    public static string Repair(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\u00C2', '\u00F4')) return text;
        var result = new StringBuilder(text.Length);
        bool afterRepair = false;
        for (int i = 0; i < text.Length;)
        {
            int length = Read(text, i, out var rune);
            afterRepair = length > 0 && IsDamage(text, i, length, rune, afterRepair);
            if (afterRepair) result.Append(rune);
            else result.Append(text[i]);
            i += afterRepair ? length : 1;
        }
        return result.ToString();
    }

    // Reads the characters from here as one UTF-8 sequence of two to four bytes; 0 when they are none.
    private static int Read(string text, int start, out Rune rune)
    {
        rune = default;
        if (start >= text.Length || text[start] is < '\u00C2' or > '\u00F4') return 0;
        Span<byte> bytes = stackalloc byte[4];
        int count = 0;
        while (count < 4 && start + count < text.Length && Windows1252.TryEncode(text[start + count], out bytes[count])) count++;
        bool isValid = Rune.DecodeFromUtf8(bytes[..count], out rune, out int length) == OperationStatus.Done;
        return isValid && length > 1 ? length : 0;
    }

    private static bool IsDamage(string text, int start, int length, Rune rune, bool afterRepair)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse) return false;
        // Three and more: an accented letter and two signs in just these ranges. Two: what was Latin-1 starts with one of two
        // capitals; other capitals before a sign are common ("AFTER FÖ…"), so there a second sequence must follow or precede.
        return length > 2 || text[start] is '\u00C2' or '\u00C3' || afterRepair || Read(text, start + length, out _) > 0;
    }
}
