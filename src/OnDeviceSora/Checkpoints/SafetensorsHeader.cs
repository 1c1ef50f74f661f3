using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace OnDeviceSora.Checkpoints;

/// <summary>
/// The header of a safetensors file, checked: every tensor lies inside the file, has the size its shape says, and the
/// tensors together cover the data exactly once. The format: an 8-byte little-endian length, that many bytes of JSON, the data.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The longest header the format allows, in bytes.</summary>
    public const long MaximumLength = 100_000_000;

    /// <summary>The bytes of the length in front of the header.</summary>
    public const int PrefixLength = 8;

    private SafetensorsHeader(IReadOnlyDictionary<string, TensorInfo> tensors, IReadOnlyDictionary<string, string> metadata) =>
        (Tensors, Metadata) = (tensors, metadata);

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The text entries of <c>__metadata__</c>; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads the header's length from the first 8 bytes of a file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="prefix">The first bytes of the file; fewer than 8 when the file is shorter.</param>
    /// <param name="fileLength">The file's length in bytes.</param>
    /// <exception cref="InvalidFileException">The length is impossible.</exception>
    public static int ParseLength(string path, ReadOnlySpan<byte> prefix, long fileLength)
    {
        if (prefix.Length < PrefixLength)
        {
            throw new InvalidFileException(path,
                $"the file is only {fileLength} bytes long; a safetensors file starts with an 8-byte header length");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaximumLength)
        {
            throw new InvalidFileException(path,
                $"the header claims {length} bytes; a safetensors header has at most {MaximumLength}, so this is no safetensors file or it is damaged");
        }

        if ((long)length > fileLength - PrefixLength)
        {
            throw new InvalidFileException(path,
                $"the header claims {length} bytes but only {fileLength - PrefixLength} follow; the file is truncated or damaged");
        }

        return (int)length;
    }

    /// <summary>Parses and checks a header.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="headerBytes">The JSON of the header, without the 8 bytes of length in front of it.</param>
    /// <param name="fileLength">The length in bytes of the whole file.</param>
    /// <exception cref="InvalidFileException">The header breaks a rule of the format.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> headerBytes, long fileLength)
    {
        if (!Utf8.IsValid(headerBytes))
            throw new InvalidFileException(path, "the header is not valid UTF-8 text");
        if (headerBytes.IsEmpty || headerBytes[0] != (byte)'{')
            throw new InvalidFileException(path, "the header does not start with '{'; it must be a JSON object");

        var dataStart = PrefixLength + headerBytes.Length;
        var entries = new SafetensorsHeaderReader(path, dataStart);
        try
        {
            entries.Read(headerBytes);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Utf8JsonReader reports lone surrogate escapes as InvalidOperationException.
            throw new InvalidFileException(path, $"the header is not valid JSON: {Describe.Quote(e.Message)}", e);
        }

        RequireExactCover(path, entries.Tensors, dataStart, fileLength);
        return new SafetensorsHeader(entries.Tensors, entries.Metadata);
    }

    /// <summary>Tensors must follow each other without overlap or hole, from the end of the header to the end of the file.</summary>
    private static void RequireExactCover(
        string path, Dictionary<string, TensorInfo> tensors, long dataStart, long fileLength)
    {
        var ordered = tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.ByteLength);
        var expected = dataStart;
        foreach (var tensor in ordered)
        {
            if (tensor.Offset < expected)
            {
                throw new InvalidFileException(path,
                    $"tensor {Describe.Quote(tensor.Name)} starts at data byte {tensor.Offset - dataStart}, inside another tensor that ends at {expected - dataStart}; tensors must not overlap");
            }

            if (tensor.Offset > expected)
            {
                throw new InvalidFileException(path,
                    $"no tensor covers data bytes {expected - dataStart} to {tensor.Offset - dataStart} (before tensor {Describe.Quote(tensor.Name)}); holes are not allowed");
            }

            expected = tensor.Offset + tensor.ByteLength;
            if (expected > fileLength)
            {
                throw new InvalidFileException(path,
                    $"tensor {Describe.Quote(tensor.Name)} ends at data byte {expected - dataStart} but the file has only {fileLength - dataStart} bytes of data; the file is truncated");
            }
        }

        if (expected != fileLength)
        {
            throw new InvalidFileException(path,
                $"{fileLength - expected} bytes follow the last tensor; the data must end where the last tensor ends");
        }
    }
}
