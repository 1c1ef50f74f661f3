using OnDeviceSora.Text;
using OnDeviceSora.Text.SentencePiece;

namespace OnDeviceSora.Tests.Text;

public sealed class SentencePieceTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_best_scoring_cut_wins()
    {
        var tokenizer = Load(SpieceModelBuilder.Small());
        Assert.Equal([7, 6], tokenizer.Encode("aab"));         // "\u2581a" "ab": -6.5; any other cut scores less
        Assert.Equal([8, 3, 6], tokenizer.Encode("sea ab"));   // "\u2581" "ab" and "\u2581a" "b" score the same: the longer last piece wins
    }

    [Fact]
    public void The_models_own_character_map_is_applied() =>
        Assert.Equal(Load(SpieceModelBuilder.Small()).Encode("a a"), Load(SpieceModelBuilder.Small()).Encode("A\tA"));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\t \t")]
    public void Nothing_but_space_gives_no_ids(string text) => Assert.Empty(Load(SpieceModelBuilder.Small()).Encode(text));

    [Fact]
    public void Space_around_and_between_words_does_not_count() =>
        Assert.Equal(Load(SpieceModelBuilder.Small()).Encode("a sea"), Load(SpieceModelBuilder.Small()).Encode("  a \t  sea "));

    [Fact]
    public void A_run_of_unknown_characters_is_one_unknown() =>
        Assert.Equal([7, 2, 4], Load(SpieceModelBuilder.Small()).Encode("a\u65e5\U0001f600\ud800a"));

    [Fact]
    public void Control_pieces_are_not_text() =>
        Assert.DoesNotContain(1, Load(SpieceModelBuilder.Small()).Encode("</s><pad>"));

    [Fact]
    public void Unused_pieces_are_never_chosen() =>
        Assert.Equal([3, 6], Load(SpieceModelBuilder.Small().Add("\u2581ab", 0, PieceType.Unused)).Encode("ab"));

    [Fact]
    public void User_defined_pieces_are_taken_literally_and_whole()
    {
        var tokenizer = Load(SpieceModelBuilder.Small().Add("A\tA", 0, PieceType.UserDefined));
        Assert.Equal([3, 9], tokenizer.Encode("A\tA"));
    }

    [Fact]
    public void Byte_fallback_writes_unknown_characters_as_bytes()
    {
        var model = SpieceModelBuilder.Small();
        model.Trainer[35] = 1;
        for (int value = 0; value < 256; value++) model.Add($"<0x{value:X2}>", 0, PieceType.Byte);
        Assert.Equal([7, 9 + 0xC3, 9 + 0xA9, 9 + 0xC3, 9 + 0xA9], Load(model).Encode("a\u00e9\u00e9"));
    }

    [Fact]
    public void Normalisation_switches_are_honoured()
    {
        var model = SpieceModelBuilder.Small();
        model.Normalizer[3] = 0;
        Assert.Equal([6], Load(model).Encode("ab"));
        model.Normalizer[4] = 0;
        Assert.Equal([3, 3, 6, 3], Load(model).Encode("  ab "));
    }

    [Theory]
    [InlineData(1, new[] { 1 }, 1)]
    [InlineData(3, new[] { 7, 8, 1 }, 3)]
    [InlineData(4, new[] { 7, 8, 5, 1 }, 4)]
    [InlineData(6, new[] { 7, 8, 5, 1, 0, 0 }, 4)]
    public void A_prompt_is_cut_ended_and_padded(int maximum, int[] ids, int length)
    {
        var prompt = Load(SpieceModelBuilder.Small()).EncodePrompt("a seab", maximum);
        Assert.Equal(ids, prompt.Ids);
        Assert.Equal(length, prompt.Length);
        Assert.Equal(ids.Select((_, i) => i < length ? 1 : 0), prompt.Mask);
        Assert.Equal(ids[..length], prompt.RealIds.ToArray());
    }

    [Fact]
    public void A_prompt_needs_room_for_its_end() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Load(SpieceModelBuilder.Small()).EncodePrompt("a", 0));

    [Fact]
    public void Very_long_text_is_cut_into_pieces_that_cover_it()
    {
        var tokenizer = Load(SpieceModelBuilder.Small());
        Assert.Equal(200_001, tokenizer.Encode(new string('b', 200_000)).Length);   // "\u2581" and every "b"
    }

    private SentencePieceTokenizer Load(SpieceModelBuilder model) => SentencePieceTokenizer.Load(model.Save(_folder));
}
