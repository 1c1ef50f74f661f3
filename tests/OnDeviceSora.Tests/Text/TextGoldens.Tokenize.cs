using System.Text.Json;
using OnDeviceSora.Tests.Goldens;
using OnDeviceSora.Text;

namespace OnDeviceSora.Tests.Text;

/// <summary>Runs the golden cases of the text side; each method takes one golden file and fails on its first mismatch.</summary>
public static partial class TextGoldens
{
    /// <summary>Kind <c>t5.tokenize</c>: text to ids, and the cut, ended and padded form of it.</summary>
    /// <exception cref="GoldenDataAbsentException">The model file is neither beside the cases nor beside the checkout.</exception>
    public static void Tokenize(JsonElement root, string folder)
    {
        string path = TextFiles.FindT5Model(folder)
            ?? throw new GoldenDataAbsentException($"t5.tokenize needs spiece.model, which is not in {folder}.");
        var tokenizer = SentencePieceTokenizer.Load(path);
        Assert.Equal(root.GetProperty("pad_id").GetInt32(), tokenizer.PadId);
        Assert.Equal(root.GetProperty("eos_id").GetInt32(), tokenizer.EndId);
        Assert.Equal(root.GetProperty("unk_id").GetInt32(), tokenizer.UnknownId);

        int maximum = root.GetProperty("max_length").GetInt32();
        foreach (var entry in root.GetProperty("cases").EnumerateArray())
        {
            string text = entry.GetProperty("text").GetString()!;
            var prompt = tokenizer.EncodePrompt(text, maximum);
            AssertSame(text, "ids", Numbers(entry.GetProperty("ids")), tokenizer.Encode(text));
            AssertSame(text, "ids_eos_max300", Numbers(entry.GetProperty("ids_eos_max300")), prompt.RealIds.ToArray());
            AssertSame(text, "length", entry.GetProperty("length").GetInt32(), prompt.Length);
            AssertSame(text, "mask", prompt.Length, prompt.Mask.Sum());
            Assert.Equal(maximum, prompt.Ids.Length);
            Assert.All(prompt.Ids[prompt.Length..], id => Assert.Equal(tokenizer.PadId, id));
        }
    }

    private static int[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];

    private static void AssertSame<T>(string text, string what, T expected, T actual) where T : notnull =>
        Assert.True(JsonSerializer.Serialize(expected) == JsonSerializer.Serialize(actual),
            $"{what} of {JsonSerializer.Serialize(text)}: expected {JsonSerializer.Serialize(expected)}, found {JsonSerializer.Serialize(actual)}");
}
