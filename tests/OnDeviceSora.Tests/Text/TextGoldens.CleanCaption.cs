using System.Text.Json;
using OnDeviceSora.Text.Cleaning;

namespace OnDeviceSora.Tests.Text;

public static partial class TextGoldens
{
    /// <summary>Kind <c>text.clean_caption</c>: captions cleaned once, twice, and not at all. The ones that need text repair are no exception.</summary>
    public static void CleanCaption(JsonElement root, string folder)
    {
        foreach (var entry in root.GetProperty("cases").EnumerateArray())
        {
            string text = entry.GetProperty("text").GetString()!;
            AssertSame(text, "once", entry.GetProperty("once").GetString()!, CaptionCleaner.CleanOnce(text));
            AssertSame(text, "twice", entry.GetProperty("twice").GetString()!, CaptionCleaner.Clean(text));
            AssertSame(text, "disabled", entry.GetProperty("disabled").GetString()!, CaptionCleaner.LowerOnly(text));
        }
    }
}
