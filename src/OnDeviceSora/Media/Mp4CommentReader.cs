using System.Text;

namespace OnDeviceSora.Media;

/// <summary>Reads the comment of an MP4 file: <c>moov/udta/meta/ilst/©cmt/data</c>, where iTunes and ffmpeg put it.</summary>
internal static class Mp4CommentReader
{
    private const int DataHeaderBytes = 8; // type and locale of the value

    /// <summary>The comment, or <c>null</c> when the file has none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged where the comment is looked for.</exception>
    public static string? Read(Stream stream)
    {
        var box = Mp4Boxes.Find(stream, 0, stream.Length, "moov");
        foreach (string type in (string[])["udta", "meta", "ilst", "\u00A9cmt", "data"])
        {
            if (box is not { } parent)
                return null;
            // "meta" begins with a version and flags, which no other box on this path does.
            long start = parent.Type == "meta" ? parent.Start + 4 : parent.Start;
            box = Mp4Boxes.Find(stream, Math.Min(start, parent.End), parent.End, type);
        }

        return box is { } data && data.End - data.Start >= DataHeaderBytes ? Text(stream, data) : null;
    }

    private static string Text(Stream stream, Mp4Box data)
    {
        long length = data.End - data.Start - DataHeaderBytes;
        if (length > VideoSettingsReader.MaximumBytes)
            throw new InvalidDataException($"its comment has {length} bytes, more than the {VideoSettingsReader.MaximumBytes} that settings may have");
        var bytes = new byte[length];
        stream.Position = data.Start + DataHeaderBytes;
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
