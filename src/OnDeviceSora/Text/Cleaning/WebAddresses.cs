using System.Text;
using static OnDeviceSora.Text.Cleaning.CharacterClasses;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>
/// Deletes web addresses: a scheme with its slashes, or a host name in one of eight top-level domains with the path after it
/// (specification section 2, cleaning step 3). Written out instead of as a regular expression so that no text, however long,
/// takes more than linear time.
/// </summary>
internal static class WebAddresses
{
    private static readonly string[] TopLevelDomains = ["com", "co", "ru", "net", "org", "edu", "gov", "it"];

    /// <summary>Deletes addresses.</summary>
    /// <param name="text">The caption, in lower case.</param>
    /// <param name="schemes">Scheme words with their colon, longest first.</param>
    public static string Remove(string text, params ReadOnlySpan<string> schemes)
    {
        if (text.IndexOfAny(['.', ':']) < 0) return text;

        var result = new StringBuilder(text.Length);
        var host = new Host(0, 0, 0);
        for (int i = 0; i < text.Length;)
        {
            int end = IsBoundary(text, i) ? EndOfScheme(text, i, schemes) : i;
            if (end == i && IsHost(text[i]) && IsBoundary(text, i))
            {
                if (i >= host.RunEnd) host = FindHost(text, i);
                if (host.Dot > i) end = host.End;
            }
            if (end > i) i = end;
            else result.Append(text[i++]);
        }
        return result.ToString();
    }

    private static int EndOfScheme(string text, int start, ReadOnlySpan<string> schemes)
    {
        foreach (string scheme in schemes)
        {
            if (string.CompareOrdinal(text, start, scheme, 0, scheme.Length) != 0) continue;
            int i = start + scheme.Length;
            if (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '%')) return i + 1;
            int slashes = i;
            while (slashes < text.Length && slashes < i + 3 && text[slashes] == '/') slashes++;
            if (slashes > i) return slashes;
        }
        return start;
    }

    // The last dot of this run of host characters that a top-level domain follows. It serves every start within the run.
    private static Host FindHost(string text, int start)
    {
        int runEnd = start;
        while (runEnd < text.Length && IsHost(text[runEnd])) runEnd++;
        for (int dot = runEnd - 1; dot > start; dot--)
        {
            if (text[dot] != '.') continue;
            foreach (string domain in TopLevelDomains)
            {
                if (string.CompareOrdinal(text, dot + 1, domain, 0, domain.Length) != 0) continue;
                int end = EndOfPath(text, dot + 1 + domain.Length);
                if (end >= 0) return new Host(runEnd, dot, end);
            }
        }
        return new Host(runEnd, 0, 0);
    }

    // The longest path that ends at the end of a word, with one more slash if there is one, and not before an '@'.
    private static int EndOfPath(string text, int start)
    {
        int end = start;
        while (end < text.Length && (IsWord(text, end) || text[end] is '/' or '-')) end++;
        for (; end >= start; end--)
        {
            if (!IsBoundary(text, end)) continue;
            if (At(text, end) == '/' && At(text, end + 1) != '@') return end + 1;
            if (At(text, end) != '@') return end;
        }
        return -1;
    }

    private static bool IsHost(char value) => char.IsAsciiLetterOrDigit(value) || value is '.' or '-';

    private static char At(string text, int index) => index < text.Length ? text[index] : '\0';

    private readonly record struct Host(int RunEnd, int Dot, int End);
}
