using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OnDeviceSora.Text.SentencePiece;

/// <summary>
/// The model's own character normalisation (<c>nmt_nfkc</c> in T5): byte sequences and what replaces them, stored as a Darts
/// double-array trie followed by zero-terminated replacements. The longest matching sequence wins.
/// </summary>
/// <remarks>
/// The data is not trusted: the constructor walks every reachable state once, so that a lookup can neither leave the arrays nor
/// expand a prompt without bound.
/// </remarks>
internal sealed class CharacterMap
{
    // Real rules map at most about 20 bytes to at most about 40; the limits only stop hostile files from blowing up a prompt.
    private const int MaximumMatch = 256;
    private const int MaximumReplacement = 256;

    private readonly uint[] _units;
    private readonly byte[] _replacements;

    /// <summary>Reads a precompiled map.</summary>
    /// <param name="data">The map; empty for none.</param>
    /// <param name="path">The file it comes from, for the error.</param>
    /// <exception cref="InvalidFileException">The map is damaged.</exception>
    public CharacterMap(ReadOnlySpan<byte> data, string path)
    {
        if (data.IsEmpty)
        {
            _units = [];
            _replacements = [];
            return;
        }
        if (data.Length < 4)
            throw Damaged(path, "it is shorter than its own header");
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(data);
        if (size > data.Length - 4 || size % 4 != 0 || size == 0)
            throw Damaged(path, $"its trie claims {size} bytes of {data.Length - 4}");

        var trie = data.Slice(4, (int)size);
        _units = MemoryMarshal.Cast<byte, uint>(trie).ToArray();
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(_units, _units);
        _replacements = data[(4 + (int)size)..].ToArray();
        Validate(path);
    }

    /// <summary>Finds the longest rule at the start of a text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="consumed">How many bytes the rule replaces.</param>
    /// <param name="replacement">What it puts there.</param>
    public bool TryMatch(ReadOnlySpan<byte> text, out int consumed, out ReadOnlySpan<byte> replacement)
    {
        consumed = 0;
        int rule = -1;
        if (_units.Length > 0)
        {
            uint state = Offset(_units[0]);
            int length = Math.Min(text.Length, MaximumMatch);
            for (int i = 0; i < length; i++)
            {
                uint node = state ^ text[i];
                if (node >= (uint)_units.Length || Label(_units[node]) != text[i]) break;
                state = node ^ Offset(_units[node]);
                if (!HasLeaf(_units[node])) continue;
                consumed = i + 1;
                rule = Value(_units[state]);
            }
        }
        replacement = rule < 0 ? default : ReplacementAt(rule);
        return rule >= 0;
    }

    // One visit per state; a state is where the labels of a node's children are added to.
    private void Validate(string path)
    {
        var seen = new bool[_units.Length];
        var pending = new Stack<uint>();
        Visit(Offset(_units[0]));
        while (pending.TryPop(out uint state))
        {
            for (uint label = 0; label < 256; label++)
            {
                uint node = state ^ label;
                if (node >= (uint)_units.Length || Label(_units[node]) != label) continue;
                uint next = node ^ Offset(_units[node]);
                if (next >= (uint)_units.Length)
                    throw Damaged(path, $"unit {node} of its trie points to {next}, past the {_units.Length} units");
                if (HasLeaf(_units[node])) CheckReplacement(path, Value(_units[next]));
                Visit(next);
            }
        }

        void Visit(uint state)
        {
            if (state >= (uint)seen.Length)
                throw Damaged(path, $"the root of its trie points to {state}, past the {_units.Length} units");
            if (seen[state]) return;
            seen[state] = true;
            pending.Push(state);
        }
    }

    private void CheckReplacement(string path, int at)
    {
        if (at >= _replacements.Length)
            throw Damaged(path, $"a rule points to byte {at} of its {_replacements.Length} bytes of replacements");
        var rest = _replacements.AsSpan(at);
        if (rest[..Math.Min(rest.Length, MaximumReplacement + 1)].IndexOf((byte)0) < 0)
            throw Damaged(path, $"the replacement at byte {at} does not end within {MaximumReplacement} bytes");
    }

    private ReadOnlySpan<byte> ReplacementAt(int at)
    {
        var rest = _replacements.AsSpan(at);
        return rest[..rest.IndexOf((byte)0)];
    }

    // The layout of a unit: bit 31 marks a value, bit 9 a wide offset, bit 8 "a rule ends here"; bits 0-7 are the label.
    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 1u << 9) >> 6);

    private static uint Label(uint unit) => unit & (1u << 31 | 0xFF);

    private static bool HasLeaf(uint unit) => (unit >> 8 & 1) != 0;

    private static int Value(uint unit) => (int)(unit & int.MaxValue);

    private static InvalidFileException Damaged(string path, string what) =>
        new(path, $"the character map (precompiled_charsmap) is damaged: {what}.");
}
