using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace OnDeviceSora.Media;

/// <summary>Reads a text of an untrusted PNG file: <c>tEXt</c>, <c>zTXt</c> or <c>iTXt</c> (specification, 11.3.3).</summary>
internal static class PngTextReader
{
    private const int MaximumChunks = 100_000;

    // The pixels are stepped over, not read: their checksums do not matter here.
    private static readonly string[] TextTypes = ["tEXt", "zTXt", "iTXt"];

    /// <summary>The first text with this keyword, or <c>null</c> when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static string? Read(Stream stream, string keyword)
    {
        Span<byte> header = stackalloc byte[8];
        stream.ReadExactly(header);
        if (!header.SequenceEqual(PngChunkWriter.Signature))
            throw new InvalidDataException("it does not begin like a PNG file");

        for (int count = 0; count < MaximumChunks; count++)
        {
            if (stream.Position == stream.Length)
                throw new InvalidDataException("it ends before its IEND chunk");
            if (stream.Length - stream.Position < 12)
                throw new InvalidDataException($"the chunk at byte {stream.Position} is cut off");
            stream.ReadExactly(header);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(header);
            string type = Encoding.Latin1.GetString(header[4..]);
            if (length > stream.Length - stream.Position - 4)
                throw new InvalidDataException($"a chunk {Printable(type)} claims {length} bytes where {stream.Length - stream.Position - 4} are left");

            if (TextTypes.Contains(type) && length <= VideoSettingsReader.MaximumBytes)
            {
                if (Text(type, ReadChecked(stream, header[4..], (int)length, type), keyword) is { } text)
                    return text;
            }
            else if (type == "IEND")
            {
                return null;
            }
            else
            {
                stream.Position += length + 4;
            }
        }

        throw new InvalidDataException($"it has more than {MaximumChunks} chunks");
    }

    private static byte[] ReadChecked(Stream stream, ReadOnlySpan<byte> typeBytes, int length, string type)
    {
        var data = new byte[length];
        stream.ReadExactly(data);
        var crc = new Crc32();
        crc.Append(typeBytes);
        crc.Append(data);
        Span<byte> stored = stackalloc byte[4];
        stream.ReadExactly(stored);
        if (BinaryPrimitives.ReadUInt32BigEndian(stored) != crc.Value)
            throw new InvalidDataException($"the checksum of its {type} chunk is wrong: the file is damaged");
        return data;
    }

    private static string? Text(string type, ReadOnlySpan<byte> data, string keyword)
    {
        if (!TakeField(ref data, out var name) || Encoding.Latin1.GetString(name) != keyword)
            return null;
        switch (type)
        {
            case "tEXt":
                return Encoding.Latin1.GetString(data);
            case "zTXt":
                return data.Length < 1 ? null : Encoding.Latin1.GetString(Inflate(data[1..]));
            default:
                if (data.Length < 2)
                    return null;
                bool compressed = data[0] != 0;
                data = data[2..];
                if (!TakeField(ref data, out _) || !TakeField(ref data, out _)) // language, translated keyword
                    return null;
                return Encoding.UTF8.GetString(compressed ? Inflate(data) : data);
        }
    }

    private static bool TakeField(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> field)
    {
        int end = data.IndexOf((byte)0);
        field = end < 0 ? default : data[..end];
        if (end >= 0)
            data = data[(end + 1)..];
        return end >= 0;
    }

    private static ReadOnlySpan<byte> Inflate(ReadOnlySpan<byte> data)
    {
        using var zlib = new ZLibStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        int count;
        while ((count = zlib.Read(buffer)) > 0)
        {
            text.Write(buffer, 0, count);
            if (text.Length > VideoSettingsReader.MaximumBytes)
                throw new InvalidDataException($"a text in it inflates to more than {VideoSettingsReader.MaximumBytes} bytes");
        }

        return text.GetBuffer().AsSpan(0, (int)text.Length);
    }

    private static string Printable(string type) => string.Concat(type.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '?'));
}
