using System.Globalization;
using System.Text;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>
/// Unicode normalisation form C. .NET's own does nothing in applications without culture data (invariant globalisation), which
/// this library must support, so the character tables (Unicode 14) are carried along.
/// </summary>
internal static class CanonicalComposition
{
    private static readonly Lazy<Tables> Unicode = new(Tables.Load);

    /// <summary>The text in normalisation form C. Unpaired surrogates become U+FFFD.</summary>
    public static string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF')) return text;
        var tables = Unicode.Value;
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Decompose(tables, rune.Value, runes);
        SortMarks(tables, runes);
        return Compose(tables, runes);
    }

    private static void Decompose(Tables tables, int rune, List<int> output)
    {
        if (Hangul.TryDecompose(rune, output)) return;
        if (!tables.Parts.TryGetValue(rune, out int[]? parts))
        {
            output.Add(rune);
            return;
        }
        foreach (int part in parts) Decompose(tables, part, output);
    }

    // Marks after one letter, ordered by class and otherwise as they were.
    private static void SortMarks(Tables tables, List<int> runes)
    {
        for (int start = 0; start < runes.Count; start++)
        {
            if (tables.ClassOf(runes[start]) == 0) continue;
            int end = start;
            while (end < runes.Count && tables.ClassOf(runes[end]) != 0) end++;
            var sorted = runes.GetRange(start, end - start).OrderBy(tables.ClassOf).ToArray();
            for (int i = 0; i < sorted.Length; i++) runes[start + i] = sorted[i];
            start = end;
        }
    }

    private static string Compose(Tables tables, List<int> runes)
    {
        var composed = new List<int>(runes.Count);
        int starter = -1;
        int lastClass = 0;
        foreach (int rune in runes)
        {
            int markClass = tables.ClassOf(rune);
            bool isBlocked = starter >= 0 && composed.Count - 1 > starter && (lastClass == 0 || lastClass >= markClass);
            if (starter >= 0 && !isBlocked && tables.TryCompose(composed[starter], rune, out int whole))
            {
                composed[starter] = whole;
                continue;
            }
            if (markClass == 0) starter = composed.Count;
            lastClass = markClass;
            composed.Add(rune);
        }
        var result = new StringBuilder(composed.Count);
        foreach (int rune in composed) result.Append(new Rune(rune));
        return result.ToString();
    }

    /// <summary>Korean syllables, which compose by arithmetic.</summary>
    private static class Hangul
    {
        private const int Lead = 0x1100, Vowel = 0x1161, Tail = 0x11A7, Syllable = 0xAC00;
        private const int Leads = 19, Vowels = 21, Tails = 28;

        public static bool TryDecompose(int rune, List<int> output)
        {
            int index = rune - Syllable;
            if ((uint)index >= Leads * Vowels * Tails) return false;
            output.Add(Lead + index / (Vowels * Tails));
            output.Add(Vowel + index % (Vowels * Tails) / Tails);
            if (index % Tails != 0) output.Add(Tail + index % Tails);
            return true;
        }

        public static bool TryCompose(int first, int second, out int whole)
        {
            whole = 0;
            if ((uint)(first - Lead) < Leads && (uint)(second - Vowel) < Vowels)
                whole = Syllable + ((first - Lead) * Vowels + second - Vowel) * Tails;
            else if ((uint)(first - Syllable) < Leads * Vowels * Tails && (first - Syllable) % Tails == 0 &&
                second > Tail && second < Tail + Tails)
                whole = first + second - Tail;
            return whole != 0;
        }
    }

    private sealed class Tables
    {
        public Dictionary<int, int[]> Parts { get; } = [];

        private readonly Dictionary<long, int> _wholes = [];
        private readonly Dictionary<int, int> _classes = [];

        public int ClassOf(int rune) => _classes.GetValueOrDefault(rune);

        public bool TryCompose(int first, int second, out int whole) =>
            Hangul.TryCompose(first, second, out whole) || _wholes.TryGetValue((long)first << 32 | (uint)second, out whole);

        public static Tables Load()
        {
            var tables = new Tables();
            using var stream = typeof(CanonicalComposition).Assembly.GetManifestResourceStream("canonical-composition.txt")!;
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is { } line)
                if (line[0] != '#') tables.Add(line.Split(' '));
            return tables;
        }

        private void Add(string[] fields)
        {
            if (fields[0] == "k")
            {
                int markClass = int.Parse(fields[3], CultureInfo.InvariantCulture);
                for (int rune = Hex(fields[1]); rune <= Hex(fields[2]); rune++) _classes[rune] = markClass;
                return;
            }
            int whole = Hex(fields[1]);
            int[] parts = [.. fields.Skip(2).Select(Hex)];
            Parts[whole] = parts;
            if (fields[0] == "c") _wholes[(long)parts[0] << 32 | (uint)parts[1]] = whole;
        }

        private static int Hex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
