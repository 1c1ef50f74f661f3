using System.Buffers.Binary;
using System.Text;
using OnDeviceSora.Text.SentencePiece;

namespace OnDeviceSora.Tests.Text;

/// <summary>Writes small SentencePiece model files, right or wrong on purpose.</summary>
internal sealed class SpieceModelBuilder
{
    private readonly List<byte[]> _pieces = [];

    public byte[] CharacterMap { get; set; } = [];

    public Dictionary<int, long> Trainer { get; } = new() { [3] = 1, [40] = 2, [41] = -1, [42] = 1, [43] = 0 };

    public Dictionary<int, long> Normalizer { get; } = [];

    /// <summary>Three special pieces, a few words, and a character map that makes <c>A</c> an <c>a</c> and a tab a space.</summary>
    public static SpieceModelBuilder Small() => new SpieceModelBuilder { CharacterMap = Map(("A", "a"), ("\t", " ")) }
        .Add("<pad>", 0, PieceType.Control).Add("</s>", 0, PieceType.Control).Add("<unk>", 0, PieceType.Unknown)
        .Add("\u2581", -2).Add("a", -3).Add("b", -3.5f).Add("ab", -4).Add("\u2581a", -2.5f).Add("\u2581sea", -5);

    public SpieceModelBuilder Add(string text, float score, PieceType type = PieceType.Normal)
    {
        byte[] number = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(number, score);
        _pieces.Add([.. Field(1, Encoding.UTF8.GetBytes(text)), 2 << 3 | 5, .. number, .. Field(3, (long)type)]);
        return this;
    }

    public byte[] Build() =>
    [
        .. _pieces.SelectMany(piece => Field(1, piece)),
        .. Field(2, [.. Trainer.SelectMany(pair => Field(pair.Key, pair.Value))]),
        .. Field(3, [.. Field(1, "test"u8.ToArray()), .. Field(2, CharacterMap), .. Normalizer.SelectMany(pair => Field(pair.Key, pair.Value))]),
    ];

    public string Save(TemporaryFolder folder, string name = "spiece.model") => folder.Write(name, Build());

    /// <summary>A character map of rules for single bytes: a double array whose root's children stand at 256 + label.</summary>
    public static byte[] Map(params (string From, string To)[] rules)
    {
        var units = new uint[1024];
        var replacements = new List<byte>();
        units[0] = 256u << 10;
        foreach (var (from, to) in rules)
        {
            uint label = from[0];
            uint node = 256 ^ label;
            uint leaf = 512 + label * 2 % 500;                       // apart for the few labels in use
            units[node] = (node ^ leaf) << 10 | 1 << 8 | label;
            units[leaf] = 1u << 31 | (uint)replacements.Count;
            replacements.AddRange([.. Encoding.UTF8.GetBytes(to), 0]);
        }
        return Map(units, [.. replacements]);
    }

    public static byte[] Map(uint[] units, byte[] replacements)
    {
        var map = new byte[4 + units.Length * 4 + replacements.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(map, (uint)units.Length * 4);
        for (int i = 0; i < units.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(4 + i * 4), units[i]);
        replacements.CopyTo(map, 4 + units.Length * 4);
        return map;
    }

    public static byte[] Field(int number, byte[] content) => [.. Varint(number << 3 | 2), .. Varint(content.Length), .. content];

    public static byte[] Field(int number, long value) => [.. Varint(number << 3), .. Varint(value)];

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        ulong rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7) bytes.Add((byte)(rest | 0x80));
        bytes.Add((byte)rest);
        return [.. bytes];
    }
}
