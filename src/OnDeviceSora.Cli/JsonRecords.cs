using System.Text.Json;

namespace OnDeviceSora.Cli;

/// <summary>Records as JSON: their properties under their names in camel case, as all of the command's JSON.</summary>
internal static class JsonRecords
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>A member that is an array of records.</summary>
    public static void Write<T>(this Utf8JsonWriter json, string key, IEnumerable<T> records)
    {
        json.WritePropertyName(key);
        JsonSerializer.Serialize(json, records, Options);
    }
}
