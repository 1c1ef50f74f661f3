using System.Buffers.Binary;

namespace OnDeviceSora.Media;

/// <summary>A box of an MP4 file (ISO/IEC 14496-12, 4.2): its type and where its content lies.</summary>
/// <param name="Type">Four characters, one a byte (Latin-1).</param>
/// <param name="Start">Offset of the content, after the header.</param>
/// <param name="End">Offset after the content.</param>
internal readonly record struct Mp4Box(string Type, long Start, long End);

/// <summary>Walks the boxes of an untrusted MP4 file: bounded, and never past the end of the box around them.</summary>
internal static class Mp4Boxes
{
    private const int MaximumSiblings = 100_000;

    /// <summary>The boxes between two offsets, in order.</summary>
    /// <exception cref="InvalidDataException">A size does not fit.</exception>
    public static IEnumerable<Mp4Box> Between(Stream stream, long start, long end)
    {
        var header = new byte[16];
        long position = start;
        for (int count = 0; position < end; count++)
        {
            if (count == MaximumSiblings)
                throw new InvalidDataException($"more than {MaximumSiblings} boxes stand beside each other");
            if (end - position < 8)
                throw new InvalidDataException($"a box at byte {position} is cut off");
            stream.Position = position;
            stream.ReadExactly(header, 0, 8);

            long size = BinaryPrimitives.ReadUInt32BigEndian(header);
            int headerBytes = 8;
            if (size == 0)
            {
                size = end - position;
            }
            else if (size == 1)
            {
                if (end - position < 16)
                    throw new InvalidDataException($"a box at byte {position} is cut off");
                stream.ReadExactly(header, 8, 8);
                size = BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(8));
                headerBytes = 16;
            }

            if (size < headerBytes || size > end - position)
                throw new InvalidDataException($"the box at byte {position} claims {size} bytes where {end - position} are left");
            yield return new Mp4Box(System.Text.Encoding.Latin1.GetString(header, 4, 4), position + headerBytes, position + size);
            position += size;
        }
    }

    /// <summary>The first box of a type between two offsets.</summary>
    public static Mp4Box? Find(Stream stream, long start, long end, string type)
    {
        foreach (var box in Between(stream, start, end))
        {
            if (box.Type == type)
                return box;
        }

        return null;
    }

    /// <summary>True when the file is a whole MP4: boxes to the last byte, the index and the media among them.</summary>
    public static bool IsComplete(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var types = Between(stream, 0, stream.Length).Select(box => box.Type).ToHashSet();
            return types.Contains("moov") && types.Contains("mdat");
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            return false;
        }
    }
}
