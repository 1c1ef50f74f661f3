using OnDeviceSora.Media;

namespace OnDeviceSora.Bench.Quality;

/// <summary>Some frames of a video side by side.</summary>
internal static class ContactSheet
{
    private const int Pictures = 6;

    /// <summary>Six frames at equal distances, as the bytes of a PNG.</summary>
    public static byte[] Png(IReadOnlyList<VideoFrame> frames)
    {
        var (width, height) = (frames[0].Width, frames[0].Height);
        var count = Math.Min(Pictures, frames.Count);
        var rgb = new byte[count * width * height * 3];
        for (var i = 0; i < count; i++)
        {
            var frame = frames[count == 1 ? 0 : i * (frames.Count - 1) / (count - 1)];
            for (var y = 0; y < height; y++) frame.Rgb.AsSpan(y * width * 3, width * 3).CopyTo(rgb.AsSpan((y * count + i) * width * 3));
        }

        using var png = new MemoryStream();
        PngWriter.WriteStill(png, new VideoFrame(count * width, height, rgb), VideoMetadata.None, CancellationToken.None);
        return png.ToArray();
    }
}
