using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>Reads the JSON of a safetensors header entry by entry, checking each tensor on its own.</summary>
internal sealed class SafetensorsHeaderReader(string path, long dataStart)
{
    private const string MetadataKey = "__metadata__";
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };
    private bool _metadataSeen;

    /// <summary>The tensors read so far.</summary>
    public Dictionary<string, TensorInfo> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>The metadata read so far.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the whole header.</summary>
    public void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name == MetadataKey)
                ReadMetadata(ref reader);
            else
                ReadTensor(ref reader, name);
        }

        // Only white space may follow the closing brace; the reader throws on anything else.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (_metadataSeen) throw Invalid($"the key '{MetadataKey}' appears twice");
        _metadataSeen = true;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Invalid($"'{MetadataKey}' is not an object; it must map strings to strings");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Invalid($"'{MetadataKey}' entry {Describe.Quote(key)} is not a string; it must map strings to strings");
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw Invalid($"'{MetadataKey}' has the key {Describe.Quote(key)} twice");
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        if (Tensors.ContainsKey(name)) throw Invalid($"the tensor {Describe.Quote(name)} appears twice");
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Invalid($"the entry of tensor {Describe.Quote(name)} is not an object");

        string? dtype = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype":
                    RequireFirst(dtype is null, name, key);
                    dtype = ReadType(ref reader, name);
                    break;
                case "shape":
                    RequireFirst(shape is null, name, key);
                    shape = ReadIntegers(ref reader, name, key);
                    break;
                case "data_offsets":
                    RequireFirst(offsets is null, name, key);
                    offsets = ReadIntegers(ref reader, name, key);
                    break;
                default:
                    // The reference reader ignores members it does not know, and so do we.
                    reader.Skip();
                    break;
            }
        }

        Tensors.Add(name, Check(name, dtype, shape, offsets));
    }

    private TensorInfo Check(string name, string? dtype, long[]? shape, long[]? offsets)
    {
        var tensor = Describe.Quote(name);
        if (dtype is null) throw Invalid($"tensor {tensor} has no 'dtype'");
        if (shape is null) throw Invalid($"tensor {tensor} has no 'shape'");
        if (offsets is null) throw Invalid($"tensor {tensor} has no 'data_offsets'");
        if (!ElementTypes.TryParse(dtype, out var type))
            throw Invalid($"tensor {tensor} has the unknown dtype {Describe.Quote(dtype)}; known are {ElementTypes.AllNames}");
        if (offsets.Length != 2)
            throw Invalid($"tensor {tensor} has {offsets.Length} 'data_offsets'; there must be two, begin and end");

        var (begin, end) = (offsets[0], offsets[1]);
        if (begin > end) throw Invalid($"tensor {tensor} begins at data byte {begin}, after its end {end}");
        var bytes = ByteLength(tensor, type, shape);
        if (end - begin != bytes)
        {
            throw Invalid(
                $"tensor {tensor} is {dtype} {Describe.Shape(shape)}, which takes {bytes} bytes, but its range {begin} to {end} has {end - begin}");
        }

        if (end > long.MaxValue - dataStart)
            throw Invalid($"tensor {tensor} ends at data byte {end}, beyond what a file can hold");
        return new TensorInfo(name, type, shape, dataStart + begin, bytes, path);
    }

    private long ByteLength(string tensor, ElementType type, long[] shape)
    {
        long bits;
        try
        {
            var elements = 1L;
            foreach (var dimension in shape) elements = checked(elements * dimension);
            bits = checked(elements * type.Bits());
        }
        catch (OverflowException e)
        {
            throw new InvalidFileException(path,
                $"tensor {tensor} has the shape {Describe.Shape(shape)}, whose size overflows 64 bits", e);
        }

        if (bits % 8 != 0)
        {
            throw Invalid(
                $"tensor {tensor} is {type.Name()} {Describe.Shape(shape)}, which is {bits} bits; a tensor must fill whole bytes");
        }

        return bits / 8;
    }

    private string ReadType(ref Utf8JsonReader reader, string name) =>
        reader.TokenType == JsonTokenType.String
            ? reader.GetString()!
            : throw Invalid($"the 'dtype' of tensor {Describe.Quote(name)} is not a string");

    private long[] ReadIntegers(ref Utf8JsonReader reader, string name, string key)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Invalid($"the '{key}' of tensor {Describe.Quote(name)} is not an array of integers");
        var values = new List<long>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value))
                throw Invalid($"the '{key}' of tensor {Describe.Quote(name)} holds something that is not a 64-bit integer");
            if (value < 0) throw Invalid($"the '{key}' of tensor {Describe.Quote(name)} holds the negative number {value}");
            values.Add(value);
        }

        return [.. values];
    }

    private void RequireFirst(bool first, string name, string key)
    {
        if (!first) throw Invalid($"tensor {Describe.Quote(name)} has '{key}' twice");
    }

    private InvalidFileException Invalid(string problem) => new(path, problem);
}
