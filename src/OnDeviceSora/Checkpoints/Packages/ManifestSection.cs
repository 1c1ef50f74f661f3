using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>Reads the values of one object of a manifest, each checked.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="place">The object's place in the file, for messages; empty for the outermost.</param>
/// <param name="value">The object.</param>
internal sealed class ManifestSection(string path, string place, JsonElement value)
{
    private const int MostItems = 100_000;

    /// <summary>The object under a key.</summary>
    public ManifestSection Section(string key) => new(path, Place(key), Find(key, JsonValueKind.Object, "an object"));

    /// <summary>The objects of the list under a key.</summary>
    public IEnumerable<ManifestSection> Items(string key)
    {
        var list = Find(key, JsonValueKind.Array, "a list of objects");
        if (list.GetArrayLength() > MostItems) throw Invalid($"{Place(key)} has {list.GetArrayLength()} entries; at most {MostItems} are accepted");
        return list.EnumerateArray().Select((item, i) => item.ValueKind == JsonValueKind.Object
            ? new ManifestSection(path, $"{Place(key)}[{i}]", item)
            : throw Invalid($"{Place(key)}[{i}] must be an object"));
    }

    /// <summary>Text.</summary>
    public string Text(string key) => JsonFile.Text(path, Place(key), Find(key, JsonValueKind.String, "text"));

    /// <summary>All members, which must be text.</summary>
    public Dictionary<string, string> Texts() =>
        value.EnumerateObject().ToDictionary(m => m.Name, m => JsonFile.Text(path, Place(m.Name), m.Value), StringComparer.Ordinal);

    /// <summary>The name of a file in the same folder.</summary>
    public string FileName(string key)
    {
        var name = Text(key);
        return name.Length > 0 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '\\', '\0') && !name.Contains(':', StringComparison.Ordinal)
            ? name
            : throw Invalid($"{Place(key)} is {Describe.Quote(name)}; it must be the name of a file beside the manifest");
    }

    /// <summary>A whole number, 0 or more.</summary>
    public long Number(string key)
    {
        var element = Find(key, JsonValueKind.Number, "a whole number");
        return element.TryGetInt64(out var number) && number >= 0
            ? number
            : throw Invalid($"{Place(key)} is {Describe.Quote(element.GetRawText())}; it must be a whole number, 0 or more");
    }

    /// <summary>A finite number, 0 or more.</summary>
    public double Real(string key)
    {
        var element = Find(key, JsonValueKind.Number, "a number");
        return element.TryGetDouble(out var number) && double.IsFinite(number) && number >= 0
            ? number
            : throw Invalid($"{Place(key)} is {Describe.Quote(element.GetRawText())}; it must be a number, 0 or more");
    }

    /// <summary>A SHA-256 in hexadecimal.</summary>
    public string Hash(string key)
    {
        var text = Text(key);
        return text.Length == 64 && text.All(char.IsAsciiHexDigitLower)
            ? text
            : throw Invalid($"{Place(key)} is {Describe.Quote(text)}; it must be a SHA-256, 64 lower-case hexadecimal digits");
    }

    /// <summary>The name of a precision.</summary>
    public WeightPrecision Precision(string key) => WeightPrecisions.TryParse(Text(key), out var precision)
        ? precision
        : throw Invalid($"{Place(key)} is {Describe.Quote(Text(key))}; it must be fp32, bf16, fp16 or int8");

    /// <summary>The error that the manifest is wrong.</summary>
    public InvalidFileException Invalid(string problem) => new(path, problem);

    private string Place(string key) => place.Length == 0 ? key : $"{place}.{key}";

    private JsonElement Find(string key, JsonValueKind kind, string right)
    {
        if (!value.TryGetProperty(key, out var found)) throw Invalid($"{Place(key)} is missing; it must be {right}");
        return found.ValueKind == kind ? found : throw Invalid($"{Place(key)} is {Describe.Quote(found.GetRawText())}; it must be {right}");
    }
}
