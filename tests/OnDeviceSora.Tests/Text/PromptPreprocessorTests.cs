using OnDeviceSora.Sizes;
using OnDeviceSora.Text;

namespace OnDeviceSora.Tests.Text;

public sealed class PromptPreprocessorTests
{
    [Fact]
    public void A_plain_prompt_is_scored_and_cleaned() =>
        Assert.Equal("a big red circle aesthetic score: 6.5.", PromptPreprocessor.Prepare("A BIG red circle").Text);

    [Fact]
    public void Scores_can_be_left_out_and_cleaning_switched_off() =>
        Assert.Equal("a (big) circle", PromptPreprocessor.Prepare(" A (big) circle ", PromptScores.None, clean: false).Text);

    [Fact]
    public void Segments_and_tail_come_apart_in_order()
    {
        var prompt = PromptPreprocessor.Prepare("|0|A sea|2|A *storm*{\"mask_strategy\": \"0\", \"reference_path\": \"A.png\"}");
        Assert.Equal(("A.png", "0"), (prompt.ReferencePath, prompt.MaskStrategy));
        Assert.Equal("|0|a sea aesthetic score: 6.5.|2|a storm aesthetic score: 6.5.", prompt.Segments.Merge());
        Assert.Equal("a sea aesthetic score: 6.5.", prompt.Segments.ForLoop(1));
        Assert.Equal("a storm aesthetic score: 6.5.", prompt.Segments.ForLoop(7));
    }

    [Theory]
    [InlineData("a {cat", "not JSON")]
    [InlineData("a {\"reference_path\": 1}", "must be a text")]
    [InlineData("a {\"x\": \"1\"}", "'x' is not known")]
    [InlineData("a {} {}", "more than one")]
    [InlineData("|0|a|b|c", "'b' is not the number")]
    [InlineData("|0|a|1", "followed by no text")]
    [InlineData("|0|a|0|b", "loop 0 follows loop 0")]
    [InlineData("|0|a|99999999999|b", "is not the number")]
    public void Malformed_prompts_are_refused_with_the_reason(string prompt, string message)
    {
        var error = Assert.Throws<InvalidRequestException>(() => PromptPreprocessor.Prepare(prompt));
        Assert.Equal("Prompt", error.Parameter);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6.25, "6.2")]
    [InlineData(6.75, "6.8")]
    [InlineData(0.25, "0.2")]
    [InlineData(-6.25, "-6.2")]
    [InlineData(6.35, "6.3")]
    [InlineData(6.45, "6.5")]
    [InlineData(7, "7.0")]
    [InlineData(1e15, "1000000000000000.0")]
    public void Scores_are_rounded_half_to_even(double score, string text) =>
        Assert.Equal($"x motion score: {text}.", new PromptScores { Aesthetic = null, Motion = score }.AppendTo("x"));

    [Fact]
    public void A_score_that_is_no_number_is_refused() =>
        Assert.Throws<InvalidRequestException>(() => new PromptScores { Aesthetic = double.NaN }.AppendTo("x"));

    [Theory]
    [InlineData("1,2,3,4,5,0.5,6")]
    [InlineData("a")]
    [InlineData("0,")]
    [InlineData("0;")]
    [InlineData("0,0,0,0,1,2")]
    [InlineData("0,0,0,0,1,NaN")]
    public void Malformed_mask_strategies_are_refused(string text) =>
        Assert.Equal("MaskStrategy", Assert.Throws<InvalidRequestException>(() => MaskStrategy.Parse(text)).Parameter);

    [Theory]
    [InlineData("../../etc/passwd", ".._.._etc_passwd")]
    [InlineData("a:b*c?\n", "a_b_c__")]
    [InlineData("...", "_")]
    [InlineData("", "_")]
    public void A_prompt_as_file_name_stays_in_its_folder(string prompt, string name) => Assert.Equal(name, SampleName.ByPrompt(prompt));

    [Fact]
    public void A_long_prompt_makes_a_short_file_name() =>
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(SampleName.ByPrompt(string.Concat(Enumerable.Repeat("\U0001f600", 500)))) <= 200);

    [Theory]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("3x")]
    [InlineData("")]
    public void Frame_counts_that_are_none_are_refused(string name) =>
        Assert.Equal("Frames", Assert.Throws<InvalidRequestException>(() => FrameCounts.Find(name)).Parameter);

    [Fact]
    public void Unknown_sizes_are_refused_with_what_there_is()
    {
        Assert.Contains("240p", Assert.Throws<InvalidRequestException>(() => NamedSizes.Find("241p", "1:1")).Message, StringComparison.Ordinal);
        Assert.Contains("12:25", Assert.Throws<InvalidRequestException>(() => NamedSizes.Find("256", "1:1")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidRequestException>(() => NamedSizes.PixelCount("1p"));
        Assert.Throws<InvalidRequestException>(() => NamedSizes.RatioKey("5:1"));
        Assert.Throws<InvalidRequestException>(() => FrameCounts.FromLatentFrames(-5));
    }
}
