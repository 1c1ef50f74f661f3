using System.Buffers;
using System.Text;

namespace OnDeviceSora.Text.SentencePiece;

/// <summary>Prepares text for the vocabulary: character map, whitespace rules, dummy prefix, U+2581 for spaces.</summary>
internal sealed class TextNormalizer
{
    private readonly NormalizationRules _rules;
    private readonly CharacterMap _characters;
    private readonly PieceTrie _userDefined;
    private readonly bool _spaceAtEnd;

    /// <summary>Creates the normaliser of one model.</summary>
    /// <param name="rules">The model's rules.</param>
    /// <param name="userDefined">Pieces that are taken literally, before any other rule.</param>
    /// <param name="spaceAtEnd">The dummy prefix is a suffix.</param>
    /// <param name="path">The model file, for the error.</param>
    public TextNormalizer(NormalizationRules rules, PieceTrie userDefined, bool spaceAtEnd, string path)
    {
        _rules = rules;
        _characters = new CharacterMap(rules.CharacterMap, path);
        _userDefined = userDefined;
        _spaceAtEnd = spaceAtEnd;
    }

    private ReadOnlySpan<byte> Space => _rules.EscapeWhitespaces ? "\u2581"u8 : " "u8;

    /// <summary>Normalises a text; the result is UTF-8, empty when there is nothing but spaces.</summary>
    public byte[] Normalize(string text)
    {
        // Unpaired surrogates become U+FFFD here, so that what follows is well-formed UTF-8.
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        var output = new ArrayBufferWriter<byte>(rest.Length + 16);
        bool trim = _rules.RemoveExtraWhitespaces;

        while (trim && !rest.IsEmpty && Next(rest, out int consumed).SequenceEqual(" "u8))
            rest = rest[consumed..];
        if (rest.IsEmpty) return [];

        if (_rules.AddDummyPrefix && !_spaceAtEnd) output.Write(Space);
        bool afterSpace = trim;
        while (!rest.IsEmpty)
        {
            var next = Next(rest, out int consumed);
            while (afterSpace && next.StartsWith(" "u8)) next = next[1..];
            if (!next.IsEmpty)
            {
                Append(output, next);
                afterSpace = trim && next[^1] == (byte)' ';
            }
            rest = rest[consumed..];
        }

        var result = output.WrittenSpan;
        while (trim && result.EndsWith(Space)) result = result[..^Space.Length];
        if (_rules.AddDummyPrefix && _spaceAtEnd) return [.. result, .. Space];
        return result.ToArray();
    }

    private void Append(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
        {
            if (value == (byte)' ') output.Write(Space);
            else output.Write([value]);
        }
    }

    // The normalised form of what the text starts with, and how many bytes that was.
    private ReadOnlySpan<byte> Next(ReadOnlySpan<byte> text, out int consumed)
    {
        consumed = _userDefined.LongestMatch(text);
        if (consumed > 0) return text[..consumed];
        if (_characters.TryMatch(text, out consumed, out var replacement)) return replacement;
        consumed = Math.Min(Utf8Length(text[0]), text.Length);
        return text[..consumed];
    }

    /// <summary>The number of bytes of the UTF-8 character that starts with this byte; 1 for a byte that starts none.</summary>
    public static int Utf8Length(byte first) => first switch
    {
        < 0xC0 => 1,
        < 0xE0 => 2,
        < 0xF0 => 3,
        _ => 4,
    };
}
