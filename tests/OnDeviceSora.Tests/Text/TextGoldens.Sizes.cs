using System.Text.Json;
using OnDeviceSora.Sizes;

namespace OnDeviceSora.Tests.Text;

public static partial class TextGoldens
{
    /// <summary>Kind <c>sizes</c>: frame sizes, aspect ratios, frame counts and pixel counts by name.</summary>
    public static void Sizes(JsonElement root, string folder)
    {
        foreach (var ratio in root.GetProperty("aspect_ratio_keys").EnumerateObject())
            AssertSame(ratio.Name, "key", ratio.Value.GetString()!, NamedSizes.RatioKey(ratio.Name));
        foreach (var entry in root.GetProperty("image_sizes").EnumerateArray())
            CheckImageSize(entry);
        foreach (var entry in root.GetProperty("num_frames").EnumerateArray())
            AssertSame(entry.GetRawText(), "frames", entry.GetProperty("num_frames").GetInt32(), FrameCounts.Find(entry.GetProperty("name").GetString()!));
        foreach (var entry in root.GetProperty("num_pixels").EnumerateObject())
            AssertSame(entry.Name, "pixels", entry.Value.GetInt32(), NamedSizes.PixelCount(entry.Name));
        AssertSame("img_fps", "rate", root.GetProperty("img_fps").GetInt32(), FrameCounts.StillPictureRate);
    }

    private static void CheckImageSize(JsonElement entry)
    {
        string resolution = entry.GetProperty("resolution").GetString()!;
        string ratio = entry.GetProperty("aspect_ratio").GetString()!;
        if (entry.TryGetProperty("error", out _))
        {
            Assert.Throws<InvalidRequestException>(() => NamedSizes.Find(resolution, ratio));
            return;
        }
        var size = NamedSizes.Find(resolution, ratio);
        AssertSame($"{resolution} {ratio}", "size", Numbers(entry.GetProperty("image_size")), new[] { size.Height, size.Width });
    }
}
