using System.Buffers.Binary;
using System.Text;

namespace OnDeviceSora.Media;

/// <summary>Writes the chunks of a PNG file (specification, section 5).</summary>
internal sealed class PngChunkWriter
{
    /// <summary>The first eight bytes of every PNG file.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private readonly Stream _stream;

    public PngChunkWriter(Stream stream)
    {
        _stream = stream;
        _stream.Write(Signature);
    }

    /// <summary>Writes one chunk: length, type, <paramref name="prefix"/> and <paramref name="data"/>, checksum.</summary>
    public void Write(string type, ReadOnlySpan<byte> data, ReadOnlySpan<byte> prefix = default)
    {
        Span<byte> header = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(header, checked(prefix.Length + data.Length));
        Encoding.ASCII.GetBytes(type, header[4..]);

        var crc = new Crc32();
        crc.Append(header[4..]);
        crc.Append(prefix);
        crc.Append(data);

        _stream.Write(header);
        _stream.Write(prefix);
        _stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(header, crc.Value);
        _stream.Write(header[..4]);
    }

    /// <summary>Writes an <c>iTXt</c> chunk: text in UTF-8, not compressed.</summary>
    public void WriteText(string keyword, string text)
    {
        if (text.Length == 0)
            return;
        // Keyword, its end, "not compressed", method 0, empty language, empty translated keyword.
        Write("iTXt", Encoding.UTF8.GetBytes(text), [.. Encoding.ASCII.GetBytes(keyword), 0, 0, 0, 0, 0]);
    }
}
