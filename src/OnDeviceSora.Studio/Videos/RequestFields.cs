using System.Globalization;
using System.Text.Json;
using OnDeviceSora.Studio.Errors;

namespace OnDeviceSora.Studio.Videos;

/// <summary>The fields of a body, JSON or form, by name. In a form everything is text; in JSON numbers may be given as text, too.</summary>
internal sealed class RequestFields
{
    private const int LongestShown = 60;

    private readonly Dictionary<string, Field> _fields = new(StringComparer.Ordinal);

    /// <summary>Adds a field of a form.</summary>
    public void Add(string name, string text)
    {
        if (!_fields.TryAdd(name, new Field(JsonValueKind.String, text))) throw ApiException.Invalid(Shown(name), $"'{Shown(name)}' is given twice", "duplicate_field");
    }

    /// <summary>Adds a member of a JSON object. <c>null</c> means that it is not given.</summary>
    public void Add(JsonProperty member)
    {
        if (member.Value.ValueKind == JsonValueKind.Null) return;
        var text = member.Value.ValueKind == JsonValueKind.String ? TextOf(member) : member.Value.GetRawText();
        _fields[member.Name] = new Field(member.Value.ValueKind, text);
    }

    /// <summary>Refuses names that mean nothing: they are misspelt, or something that is not built.</summary>
    public void RequireKnown(IReadOnlyList<string> known)
    {
        if (_fields.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw ApiException.Invalid(Shown(unknown), $"there is no field '{Shown(unknown)}' here; there are {string.Join(", ", known)}", "unknown_parameter");
    }

    /// <summary>As much of a caller's text as an answer repeats, in whole characters.</summary>
    public static string Shown(string text) => text.Length <= LongestShown ? text : text[..(char.IsHighSurrogate(text[LongestShown - 4]) ? LongestShown - 4 : LongestShown - 3)] + "...";

    public bool Has(string name) => _fields.ContainsKey(name);

    /// <summary>Text; <c>null</c> when it is not given.</summary>
    public string? Text(string name)
    {
        if (!_fields.TryGetValue(name, out var field)) return null;
        return field.Kind == JsonValueKind.String ? field.Text : throw Wrong(name, field, "text");
    }

    /// <summary>Text, or a number's digits; <c>null</c> when it is not given.</summary>
    public string? TextOrNumber(string name)
    {
        if (!_fields.TryGetValue(name, out var field)) return null;
        return field.Kind is JsonValueKind.String or JsonValueKind.Number ? field.Text : throw Wrong(name, field, "text or a number");
    }

    /// <summary>A whole number; <c>null</c> when it is not given.</summary>
    public int? Integer(string name) => (int?)Number(name, int.MinValue, int.MaxValue);

    /// <summary>A large whole number; <c>null</c> when it is not given.</summary>
    public long? Long(string name) => Number(name, long.MinValue, long.MaxValue);

    /// <summary>A finite number; <c>null</c> when it is not given.</summary>
    public float? Real(string name)
    {
        if (TextOrNumber(name) is not { } text) return null;
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value) ? value : throw Wrong(name, _fields[name], "a number");
    }

    private long? Number(string name, long minimum, long maximum)
    {
        if (TextOrNumber(name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum
            ? value
            : throw Wrong(name, _fields[name], "a whole number");
    }

    private static string TextOf(JsonProperty member)
    {
        try
        {
            return member.Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid(Shown(member.Name), $"'{Shown(member.Name)}' holds half of a surrogate pair, which is not valid Unicode");
        }
    }

    private static ApiException Wrong(string name, Field field, string right) => ApiException.Invalid(name, $"'{name}' is {Shown(field.Text)}; it must be {right}", "invalid_type");

    private readonly record struct Field(JsonValueKind Kind, string Text);
}
