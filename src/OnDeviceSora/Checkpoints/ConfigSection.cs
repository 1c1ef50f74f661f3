using System.Globalization;
using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>Reads the values of one object of a configuration file, each within its bounds.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="name">The object's place in the file, for messages; empty for the outermost.</param>
/// <param name="value">The object.</param>
internal sealed class ConfigSection(string path, string name, JsonElement value)
{
    private const int LongestArray = 64;

    /// <summary>Wraps an object.</summary>
    /// <exception cref="InvalidFileException">The value is not an object.</exception>
    public static ConfigSection Of(string path, string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
            ? new ConfigSection(path, name, value)
            : throw new InvalidFileException(path, $"{(name.Length == 0 ? "the configuration" : name)} must be an object");

    /// <summary>Whether the key is there (and not <c>null</c>).</summary>
    public bool Has(string key) => value.TryGetProperty(key, out var found) && found.ValueKind != JsonValueKind.Null;

    /// <summary>Whether the key is there with the value <c>null</c>.</summary>
    public bool IsNull(string key) => value.TryGetProperty(key, out var found) && found.ValueKind == JsonValueKind.Null;

    /// <summary>The object under a key.</summary>
    public ConfigSection Section(string key) => Of(path, Place(key), Find(key, "an object"));

    /// <summary>An integer within bounds.</summary>
    public int Int(string key, int minimum, int maximum, int? fallback = null)
    {
        if (fallback is { } given && !Has(key)) return given;
        var element = Find(key, IntegerRange(minimum, maximum));
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number) && number >= minimum && number <= maximum
            ? number
            : throw Wrong(key, element, IntegerRange(minimum, maximum));
    }

    /// <summary>A number within bounds.</summary>
    public double Number(string key, double minimum, double maximum, double? fallback = null)
    {
        if (fallback is { } given && !Has(key)) return given;
        var right = string.Create(CultureInfo.InvariantCulture, $"a number from {minimum} to {maximum}");
        return Number(key, Find(key, right), minimum, maximum, right);
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool fallback)
    {
        if (!Has(key)) return fallback;
        var element = value.GetProperty(key);
        return element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(key, element, "true or false"),
        };
    }

    /// <summary>A list of integers within bounds.</summary>
    public int[] Ints(string key, int minimum, int maximum, int[]? fallback = null)
    {
        if (fallback is not null && !Has(key)) return fallback;
        var right = $"a list of 1 to {LongestArray} integers from {minimum} to {maximum}";
        return
        [
            .. Items(key, right).Select(item =>
                item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number) && number >= minimum && number <= maximum
                    ? number
                    : throw Wrong(key, item, right)),
        ];
    }

    /// <summary>A list of numbers within bounds.</summary>
    public float[] Numbers(string key, double minimum, double maximum)
    {
        var right = string.Create(CultureInfo.InvariantCulture, $"a list of 1 to {LongestArray} numbers from {minimum} to {maximum}");
        return [.. Items(key, right).Select(item => (float)Number(key, item, minimum, maximum, right))];
    }

    /// <summary>A list of true and false.</summary>
    public bool[] Flags(string key)
    {
        const string right = "a list of true and false";
        return
        [
            .. Items(key, right).Select(item =>
                item.ValueKind is JsonValueKind.True or JsonValueKind.False ? item.GetBoolean() : throw Wrong(key, item, right)),
        ];
    }

    /// <summary>Refuses the file unless a key, when present, has the one value that is supported.</summary>
    public void RequireText(string key, string only)
    {
        if (Has(key) && JsonFile.Text(path, Place(key), value.GetProperty(key)) != only)
            throw Wrong(key, value.GetProperty(key), $"'{only}', the only kind that is supported");
    }

    /// <summary>Refuses the file unless a condition between values holds.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="key">The key to name.</param>
    /// <param name="right">What is right, for example <c>a multiple of num_heads (4)</c>.</param>
    public void Require(bool holds, string key, string right)
    {
        if (holds) return;
        if (value.TryGetProperty(key, out var element)) throw Wrong(key, element, right);
        throw new InvalidFileException(path, $"{Place(key)} has its default value; it must be {right}");
    }

    private double Number(string key, JsonElement element, double minimum, double maximum, string right)
    {
        // Written so that NaN fails too.
        var fits = element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && number >= minimum && number <= maximum;
        return fits ? element.GetDouble() : throw Wrong(key, element, right);
    }

    private List<JsonElement> Items(string key, string right)
    {
        var element = Find(key, right);
        return element.ValueKind == JsonValueKind.Array && element.GetArrayLength() is >= 1 and <= LongestArray
            ? [.. element.EnumerateArray()]
            : throw Wrong(key, element, right);
    }

    private JsonElement Find(string key, string right) =>
        Has(key) ? value.GetProperty(key) : throw new InvalidFileException(path, $"{Place(key)} is missing; it must be {right}");

    private static string IntegerRange(int minimum, int maximum) => $"an integer from {minimum} to {maximum}";

    private string Place(string key) => name.Length == 0 ? key : $"{name}.{key}";

    private InvalidFileException Wrong(string key, JsonElement found, string right) =>
        new(path, $"{Place(key)} is {Describe.Quote(found.GetRawText())}; it must be {right}");
}
