using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnDeviceSora.Studio;

/// <summary>JSON as the Videos API writes it: names in snake case, every key always there.</summary>
internal static class StudioJson
{
    public static JsonSerializerOptions Options { get; } = Configured(new JsonSerializerOptions());

    public static JsonSerializerOptions Configured(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return options;
    }
}
