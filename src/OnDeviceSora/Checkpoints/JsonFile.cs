using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace OnDeviceSora.Checkpoints;

/// <summary>Parses JSON that others wrote: bounded in size and depth, no duplicate keys, with the library's own errors.</summary>
internal static class JsonFile
{
    /// <summary>The deepest nesting that is accepted.</summary>
    public const int MaximumDepth = 32;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaximumDepth, AllowDuplicateProperties = false };

    /// <summary>Reads and parses a file whose outermost value must be an object.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximumBytes">The largest size that is accepted.</param>
    /// <exception cref="InvalidFileException">The file is missing, too large, or not such JSON.</exception>
    public static JsonDocument Load(string path, long maximumBytes) =>
        Parse(path, CheckpointFile.ReadAll(path, maximumBytes));

    /// <summary>Parses UTF-8 bytes whose outermost value must be an object.</summary>
    /// <param name="path">Where the bytes come from, for messages.</param>
    /// <param name="utf8">The bytes; a byte order mark is skipped.</param>
    /// <exception cref="InvalidFileException">The bytes are not such JSON.</exception>
    public static JsonDocument Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith(Encoding.UTF8.Preamble)) utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8.Span)) throw new InvalidFileException(path, "the file is not valid UTF-8 text");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A key with a lone surrogate escape is reported as InvalidOperationException.
            throw new InvalidFileException(path,
                $"the file is not valid JSON (each key once, at most {MaximumDepth} levels deep): {Describe.Quote(e.Message)}", e);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
        document.Dispose();
        throw new InvalidFileException(path, "the file must hold one JSON object");
    }

    /// <summary>The text of a string value.</summary>
    /// <param name="path">Where the value comes from, for messages.</param>
    /// <param name="key">The value's key, for messages.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidFileException">The value is not a string, or not valid Unicode.</exception>
    public static string Text(string path, string key, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw new InvalidFileException(path, $"{Describe.Quote(key)} must be a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidFileException(path, $"{Describe.Quote(key)} holds half of a surrogate pair, which is not valid Unicode", e);
        }
    }
}
