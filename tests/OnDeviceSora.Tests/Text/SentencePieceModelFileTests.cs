using OnDeviceSora.Text;
using OnDeviceSora.Text.SentencePiece;

namespace OnDeviceSora.Tests.Text;

/// <summary>Damaged and hostile <c>spiece.model</c> files: each refused with a message that names the file and the fault.</summary>
public sealed class SentencePieceModelFileTests : IDisposable
{
    private const int Mutations = 10_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_file_is_refused() => Refused(Path.Combine(_folder.Path, "absent.model"), "cannot be read");

    [Fact]
    public void A_folder_is_refused() => Refused(_folder.Path, "cannot be read");

    [Fact]
    public void An_empty_file_is_refused() => Refused([], "no pieces");

    [Fact]
    public void Text_is_refused() => Refused("{\"version\": \"1.0\"}"u8.ToArray(), "not a readable SentencePiece model");

    [Fact]
    public void A_file_far_too_large_is_refused()
    {
        string path = Path.Combine(_folder.Path, "huge.model");
        using (var stream = File.Create(path)) stream.SetLength(1L << 33);
        Refused(path, "bytes");
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        byte[] file = SpieceModelBuilder.Small().Build();
        Refused(file[..^3], "are left");
    }

    [Theory]
    [InlineData(3, 2, "only unigram")]
    [InlineData(40, 1, "unk_id 1")]
    [InlineData(40, 99, "unk_id 99")]
    [InlineData(42, -1, "eos_id -1")]
    [InlineData(42, 9, "eos_id 9")]
    [InlineData(43, 9, "pad_id 9")]
    [InlineData(35, 1, "<0x00> is missing")]
    public void Settings_that_do_not_fit_are_refused(int field, long value, string message)
    {
        var model = SpieceModelBuilder.Small();
        model.Trainer[field] = value;
        Refused(model.Build(), message);
    }

    [Fact]
    public void Pieces_that_cannot_be_are_refused()
    {
        Refused(SpieceModelBuilder.Small().Add("", 0).Build(), "piece 9 is empty");
        Refused(SpieceModelBuilder.Small().Add("ab", 0).Build(), "piece 9 appears twice");
        Refused(SpieceModelBuilder.Small().Add("x", float.NaN).Build(), "finite");
        Refused(SpieceModelBuilder.Small().Add("x", 0, (PieceType)7).Build(), "unknown type 7");
        Refused(SpieceModelBuilder.Small().Add("x", 0, PieceType.Unknown).Build(), "more than one");
        Refused(SpieceModelBuilder.Small().Add(new string('x', 2000), 0).Build(), "2000 bytes");
    }

    [Fact]
    public void Character_maps_that_leave_their_bounds_are_refused()
    {
        RefusedMap([1], "shorter");
        RefusedMap([0, 1, 0, 0, 0], "claims 256 bytes");
        RefusedMap(SpieceModelBuilder.Map([1000u << 10], []), "the root");
        RefusedMap(SpieceModelBuilder.Map(Trie(node: 1u << 30), [0]), "points to");
        RefusedMap(SpieceModelBuilder.Map(Trie(value: 5), [0]), "points to byte 5");
        RefusedMap(SpieceModelBuilder.Map(Trie(), [.. Enumerable.Repeat((byte)'x', 4000), 0]), "does not end");
        RefusedMap(SpieceModelBuilder.Map(Trie(), "no end"u8.ToArray()), "does not end");
    }

    [Fact]
    public void A_character_map_that_runs_in_circles_stops()
    {
        // Every 'a' leads back to the root's state, so the trie matches any number of them.
        var units = new uint[512];
        units[0] = 256u << 10;
        units[256 ^ 'a'] = (uint)'a' << 10 | 'a';
        var model = SpieceModelBuilder.Small();
        model.CharacterMap = SpieceModelBuilder.Map(units, [0]);
        var tokenizer = SentencePieceTokenizer.Load(model.Save(_folder));
        Assert.Equal(30_000, tokenizer.Encode(new string('a', 30_000)).Length);
    }

    [Fact]
    public void Damaged_files_are_read_or_refused_but_never_worse() => Mutate(SpieceModelBuilder.Small().Build(), Mutations, 1);

    [Fact]
    public void Damaged_files_of_the_real_kind_are_read_or_refused_but_never_worse()
    {
        if (TextFiles.FindT5Model(Path.Combine(TextFiles.Goldens, "t5_tokenizer")) is { } path)
            Mutate(File.ReadAllBytes(path), 30, 2);
        Mutate(SpieceModelBuilder.Small().Build(), 300, 3);
    }

    private static void Mutate(byte[] original, int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            byte[] file = Damaged(original, random);
            try
            {
                SentencePieceTokenizer.Parse(file, "damaged.model").EncodePrompt("A sea\tab \u65e5 a", 16);
            }
            catch (InvalidFileException error)
            {
                Assert.Contains("damaged.model", error.Message, StringComparison.Ordinal);
            }
        }
    }

    private static byte[] Damaged(byte[] original, Random random)
    {
        byte[] file = random.Next(4) == 0 ? original[..random.Next(original.Length)] : (byte[])original.Clone();
        for (int changes = random.Next(1, 8); changes > 0 && file.Length > 0; changes--)
        {
            int at = random.Next(2) == 0 ? random.Next(file.Length) : random.Next(Math.Min(file.Length, 400));
            file[at] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(file[at] ^ 1 << random.Next(8)),
                _ => 0xFF,
            };
        }
        return file;
    }

    // A trie of one rule for 'a', with its node's offset or its value replaced.
    private static uint[] Trie(uint node = 0, uint value = 0)
    {
        var units = new uint[512];
        units[0] = 256u << 10;
        uint at = 256 ^ 'a';
        units[at] = (node == 0 ? (at ^ 400) << 10 : node) | 1 << 8 | 'a';
        units[400] = 1u << 31 | value;
        return units;
    }

    private void RefusedMap(byte[] map, string message)
    {
        var model = SpieceModelBuilder.Small();
        model.CharacterMap = map;
        Refused(model.Build(), message);
    }

    private void Refused(byte[] file, string message) => Refused(_folder.Write("spiece.model", file), message);

    private static void Refused(string path, string message)
    {
        var error = Assert.Throws<InvalidFileException>(() => SentencePieceTokenizer.Load(path));
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
