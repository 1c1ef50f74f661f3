using OnDeviceSora.Media;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>Frames of a video in one picture, in rows, from the first to the last.</summary>
internal static class Spritesheet
{
    private const int Columns = 5, Rows = 2;

    /// <summary>Ten frames at equal distances, or all where there are fewer.</summary>
    public static VideoFrame Of(IReadOnlyList<VideoFrame> frames)
    {
        var count = Math.Min(frames.Count, Columns * Rows);
        var (columns, rows) = (Math.Min(count, Columns), (count + Columns - 1) / Columns);
        var (width, height) = (frames[0].Width, frames[0].Height);
        var rgb = new byte[columns * width * rows * height * 3];
        for (var i = 0; i < count; i++)
        {
            var frame = frames[count == 1 ? 0 : (int)((long)i * (frames.Count - 1) / (count - 1))];
            var (row, column) = Math.DivRem(i, columns);
            for (var y = 0; y < height; y++)
                frame.Rgb.AsSpan(y * width * 3, width * 3).CopyTo(rgb.AsSpan(((row * height + y) * columns + column) * width * 3));
        }

        return new VideoFrame(columns * width, rows * height, rgb);
    }
}
