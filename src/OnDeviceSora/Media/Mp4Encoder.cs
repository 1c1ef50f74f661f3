using System.Globalization;
using System.Text;

namespace OnDeviceSora.Media;

/// <summary>Encodes frames as H.264 in MP4 with ffmpeg: 4:2:0, BT.709 limited range, index in front, playable in every browser.</summary>
internal static class Mp4Encoder
{
    // RGB is converted with the same matrix and range that the file is tagged with; anything else shifts the colours.
    private const string Conversion =
        "scale=in_range=full:out_range=tv:out_color_matrix=bt709:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp,format=yuv420p";

    /// <summary>Encodes into <paramref name="file"/>.</summary>
    /// <param name="ffmpeg">Path of ffmpeg.</param>
    /// <param name="frames">Frames of one size.</param>
    /// <param name="framesPerSecond">Frames a second.</param>
    /// <param name="file">The file to make; complete when this returns.</param>
    /// <param name="output">The file's final name, for messages.</param>
    /// <param name="metadata">Title and comment.</param>
    /// <param name="idleLimit">How long ffmpeg may make no progress.</param>
    /// <param name="cancellation">Kills ffmpeg.</param>
    public static async Task EncodeAsync(
        string ffmpeg, IReadOnlyList<VideoFrame> frames, int framesPerSecond, string file, string output,
        VideoMetadata metadata, TimeSpan idleLimit, CancellationToken cancellation)
    {
        // A file, not arguments: a long prompt exceeds the length of a command line.
        using var tags = new PartialOutput(file);
        await File.WriteAllTextAsync(tags.Path, Tags(metadata), cancellation).ConfigureAwait(false);

        var size = EvenSize(frames[0]);
        string complaint;
        using (var process = FfmpegProcess.Start(ffmpeg, Arguments(size, framesPerSecond, tags.Path, file), output))
            complaint = await process.RunAsync(frames.Select(frame => (ReadOnlyMemory<byte>)PadToEven(frame)), idleLimit, cancellation).ConfigureAwait(false);

        // ffmpeg reports success when the disk fills up while it closes the file.
        if (!File.Exists(file) || !Mp4Boxes.IsComplete(file))
            throw new OutputException(output, $"ffmpeg reported success but left no complete video (a full disk, or a program that is not ffmpeg){complaint}");
    }

    private static string[] Arguments((int Width, int Height) size, int framesPerSecond, string tags, string file) =>
    [
        "-hide_banner", "-loglevel", "error", "-nostdin", "-y",
        "-f", "rawvideo", "-pixel_format", "rgb24",
        "-video_size", string.Create(CultureInfo.InvariantCulture, $"{size.Width}x{size.Height}"),
        "-framerate", framesPerSecond.ToString(CultureInfo.InvariantCulture), "-i", "pipe:0",
        "-f", "ffmetadata", "-i", "file:" + tags,
        "-map", "0:v:0", "-map_metadata", "1", "-vf", Conversion,
        // The number of threads is fixed because the encoder's output depends on it: same seed, same file.
        "-c:v", "libx264", "-preset", "medium", "-crf", "14", "-threads", "2",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        "-fflags", "+bitexact", "-movflags", "+faststart", "-progress", "pipe:1", "-f", "mp4", "file:" + file,
    ];

    private static string Tags(VideoMetadata metadata)
    {
        var text = new StringBuilder(";FFMETADATA1\n");
        Append(text, "title", metadata.TitleLine);
        Append(text, "comment", metadata.Comment);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string key, string value)
    {
        text.Append(key).Append('=');
        foreach (char c in value)
        {
            if (c is '=' or ';' or '#' or '\\' or '\n')
                text.Append('\\');
            text.Append(c);
        }

        text.Append('\n');
    }

    private static (int Width, int Height) EvenSize(VideoFrame frame) => ((frame.Width + 1) & ~1, (frame.Height + 1) & ~1);

    // 4:2:0 needs even sizes: the last column and row are repeated rather than lost.
    private static byte[] PadToEven(VideoFrame frame)
    {
        var (width, height) = EvenSize(frame);
        if (width == frame.Width && height == frame.Height)
            return frame.Rgb;

        var padded = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
        {
            var source = frame.Rgb.AsSpan(Math.Min(y, frame.Height - 1) * frame.Width * 3, frame.Width * 3);
            var row = padded.AsSpan(y * width * 3, width * 3);
            source.CopyTo(row);
            if (width != frame.Width)
                source[^3..].CopyTo(row[^3..]);
        }

        return padded;
    }
}
