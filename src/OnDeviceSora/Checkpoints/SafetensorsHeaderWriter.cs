using System.Buffers.Binary;
using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>A tensor to be written: its place follows from those before it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">How its elements are stored.</param>
/// <param name="Shape">Its dimensions.</param>
internal sealed record TensorEntry(string Name, ElementType Type, long[] Shape)
{
    /// <summary>Bytes it takes.</summary>
    public long Bytes
    {
        get
        {
            var bits = (long)Type.Bits();
            foreach (var dimension in Shape) bits = checked(bits * dimension);
            return bits / 8;
        }
    }
}

/// <summary>Writes the header of a safetensors file.</summary>
internal static class SafetensorsHeaderWriter
{
    /// <summary>The length and the JSON: everything in front of the data.</summary>
    /// <param name="tensors">The tensors, in the order of their data.</param>
    /// <param name="metadata">Text entries.</param>
    /// <param name="alignment">The data begins at a multiple of this many bytes.</param>
    public static byte[] Write(IEnumerable<TensorEntry> tensors, IReadOnlyDictionary<string, string> metadata, int alignment)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[SafetensorsHeader.PrefixLength]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                var bytes = tensor.Bytes;
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type.Name());
                WriteIntegers(json, "shape", tensor.Shape);
                WriteIntegers(json, "data_offsets", [offset, offset + bytes]);
                json.WriteEndObject();
                offset += bytes;
            }

            json.WriteEndObject();
        }

        while (buffer.Length % alignment != 0) buffer.WriteByte((byte)' ');
        var header = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - SafetensorsHeader.PrefixLength);
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0) return;
        json.WriteStartObject("__metadata__");
        foreach (var (key, text) in metadata) json.WriteString(key, text);
        json.WriteEndObject();
    }

    private static void WriteIntegers(Utf8JsonWriter json, string key, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(key);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
