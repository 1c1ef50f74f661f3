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
}
