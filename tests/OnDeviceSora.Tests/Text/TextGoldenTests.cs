using OnDeviceSora.Tests.Goldens;

namespace OnDeviceSora.Tests.Text;

public sealed class TextGoldenTests
{
    [Fact]
    public void Every_tokenizer_case_gives_the_reference_ids()
    {
        string folder = Path.Combine(TextFiles.Goldens, "t5_tokenizer");
        var root = TextFiles.ReadJson(Path.Combine(folder, "cases.json"));
        if (TextFiles.FindT5Model(folder) is null)
            Assert.Throws<GoldenDataAbsentException>(() => TextGoldens.Tokenize(root, folder));
        else
            TextGoldens.Tokenize(root, folder);
    }

    [Fact]
    public void Every_caption_is_cleaned_like_the_reference_does() => TextGoldens.CleanCaption(Read("clean_caption.json"), Folder);

    [Fact]
    public void Every_prompt_function_agrees_with_the_reference() => TextGoldens.PromptHelpers(Read("prompt_helpers.json"), Folder);

    [Fact]
    public void Every_named_size_is_the_reference_one() => TextGoldens.Sizes(Read("sizes.json"), Folder);

    private static string Folder => Path.Combine(TextFiles.Goldens, "text");

    private static System.Text.Json.JsonElement Read(string name) => TextFiles.ReadJson(Path.Combine(Folder, name));
}
