using System.Buffers.Binary;
using System.IO.Compression;

namespace OnDeviceSora.Media;

/// <summary>Writes PNG pictures and animated PNGs (PNG specification, third edition), 8-bit RGB.</summary>
internal static class PngWriter
{
    /// <summary>The keyword under which the settings stand.</summary>
    public const string SettingsKeyword = "Comment";

    /// <summary>Writes one picture.</summary>
    public static void WriteStill(Stream stream, VideoFrame frame, VideoMetadata metadata, CancellationToken cancellation)
    {
        var chunks = Begin(stream, frame, metadata, []);
        chunks.Write("IDAT", Compress(frame, cancellation));
        chunks.Write("IEND", []);
    }

    /// <summary>Writes an animation that repeats forever; its first frame is also the still picture of other programs.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="frames">Two or more frames of one size.</param>
    /// <param name="framesPerSecond">1 to 65535.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="cancellation">Stops between frames and rows.</param>
    public static void WriteAnimation(
        Stream stream, IReadOnlyList<VideoFrame> frames, int framesPerSecond, VideoMetadata metadata, CancellationToken cancellation)
    {
        Span<byte> animation = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(animation, frames.Count);
        var chunks = Begin(stream, frames[0], metadata, animation);

        Span<byte> number = stackalloc byte[4];
        int sequence = 0;
        for (int i = 0; i < frames.Count; i++)
        {
            chunks.Write("fcTL", FrameControl(sequence++, frames[i], framesPerSecond));
            byte[] pixels = Compress(frames[i], cancellation);
            if (i == 0)
            {
                chunks.Write("IDAT", pixels);
                continue;
            }

            BinaryPrimitives.WriteInt32BigEndian(number, sequence++);
            chunks.Write("fdAT", pixels, number);
        }

        chunks.Write("IEND", []);
    }

    // The text stands before the pixels so that a reader finds it without reading them.
    private static PngChunkWriter Begin(Stream stream, VideoFrame frame, VideoMetadata metadata, ReadOnlySpan<byte> animation)
    {
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, frame.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], frame.Height);
        header[8] = 8; // bits a sample
        header[9] = 2; // true colour
        header[10] = header[11] = header[12] = 0; // deflate, adaptive filters, no interlacing

        var chunks = new PngChunkWriter(stream);
        chunks.Write("IHDR", header);
        chunks.Write("sRGB", [0]);
        if (!animation.IsEmpty)
            chunks.Write("acTL", animation);
        chunks.WriteText("Title", metadata.TitleLine);
        chunks.WriteText(SettingsKeyword, metadata.Comment);
        return chunks;
    }

    private static byte[] FrameControl(int sequence, VideoFrame frame, int framesPerSecond)
    {
        var control = new byte[26]; // offsets, disposal and blending stay 0: a whole frame that replaces the one before
        BinaryPrimitives.WriteInt32BigEndian(control, sequence);
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(4), frame.Width);
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(8), frame.Height);
        BinaryPrimitives.WriteUInt16BigEndian(control.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt16BigEndian(control.AsSpan(22), (ushort)framesPerSecond);
        return control;
    }

    private static byte[] Compress(VideoFrame frame, CancellationToken cancellation)
    {
        int stride = frame.Width * 3;
        var scratch = new byte[stride];
        var filtered = new byte[stride + 1];
        ReadOnlySpan<byte> above = new byte[stride];

        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < frame.Height; y++)
            {
                cancellation.ThrowIfCancellationRequested();
                var row = frame.Rgb.AsSpan(y * stride, stride);
                PngFilter.Apply(row, above, scratch, filtered);
                zlib.Write(filtered);
                above = row;
            }
        }

        return compressed.ToArray();
    }
}
