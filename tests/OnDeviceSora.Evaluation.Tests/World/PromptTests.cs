using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Tests.World;

public sealed class PromptTests
{
    [Fact]
    public void Every_third_prompt_is_of_a_pair_held_out_of_training()
    {
        var prompts = Prompt.Draw(60, seed: 1);
        Assert.All(prompts.Select((prompt, i) => (prompt, i)), p => Assert.Equal(p.i % 3 == 2, p.prompt.Scene.Thing.IsHeldOut));
    }

    [Fact]
    public void Pairs_held_out_are_the_red_circle_the_purple_star_and_the_pink_square()
    {
        var pairs = from colour in Enum.GetValues<Colour>()
                    from figure in Enum.GetValues<Figure>()
                    where new Thing(colour, figure, Size.Usual, Motion.Still).IsHeldOut
                    select (colour, figure);
        Assert.Equal([(Colour.Red, Figure.Circle), (Colour.Purple, Figure.Star), (Colour.Pink, Figure.Square)], pairs);
    }

    [Fact]
    public void A_seed_gives_the_same_prompts_and_a_longer_list_begins_with_the_shorter()
    {
        Assert.Equal(Prompt.Draw(10, seed: 5), Prompt.Draw(20, seed: 5).Take(10));
        Assert.NotEqual(Prompt.Draw(10, seed: 5), Prompt.Draw(10, seed: 6));
    }

    [Fact]
    public void A_prompt_names_colour_and_shape_in_plain_words()
    {
        Assert.All(Prompt.Draw(200, seed: 2), prompt =>
        {
            var words = prompt.Text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            Assert.Contains(prompt.Scene.Thing.Colour.ToString().ToLowerInvariant(), words);
            Assert.Contains(prompt.Scene.Thing.Figure.ToString().ToLowerInvariant(), words);
            Assert.Equal(prompt.Text, prompt.Text.Trim().ToLowerInvariant());
            Assert.DoesNotContain("  ", prompt.Text, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(Wording.Usual, "in front of a sunset, a big yellow star drifting to the right")]
    [InlineData(Wording.Free, "draw a large yellow star during sunset which travels right")]
    public void The_first_sentences_of_a_seed_stay_as_they_are(Wording wording, string expected) =>
        Assert.Equal(expected, Prompt.Draw(1, seed: 3, wording: wording)[0].Text);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Freely_worded_sentences_tell_of_the_same_kinds_of_scenes_in_other_words(bool two)
    {
        var prompts = Prompt.Draw(300, seed: 2, two, Wording.Free);
        Assert.All(prompts, prompt =>
        {
            Assert.InRange(prompt.Text.Split(' ').Length, 2, 30);
            Assert.Equal(prompt.Text, prompt.Text.Trim().ToLowerInvariant());
            Assert.DoesNotContain("  ", prompt.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("~", prompt.Text, StringComparison.Ordinal);
            Assert.Equal(two, prompt.Scene.Beside is not null);
        });
        Assert.All(prompts.Select((prompt, i) => (prompt, i)), p => Assert.Equal(p.i % 3 == 2, p.prompt.Scene.Thing.IsHeldOut));
        string[] words = ["ball", "crimson", "that", "rises", "ocean", "lovely"];
        Assert.All(words, word => Assert.Contains(prompts, prompt => prompt.Text.Split(' ').Contains(word)));
    }
}
