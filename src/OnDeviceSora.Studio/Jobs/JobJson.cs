using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>A job as JSON: the content of <c>job.json</c>.</summary>
internal static class JobJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter<JobStatus>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false), new RequestConverter() },
    };

    public static void Write(Stream stream, VideoJob job) => JsonSerializer.Serialize(stream, job, Options);

    /// <summary>Reads a job.</summary>
    /// <exception cref="InvalidFileException">It is none.</exception>
    public static VideoJob Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<VideoJob>(stream, Options) ?? throw new InvalidFileException(path, "it holds null instead of a job");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidFileException(path, $"it is no job that can be read: {e.Message}", e);
        }
    }

    private sealed class RequestConverter : JsonConverter<VideoRequest>
    {
        public override VideoRequest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var json = JsonDocument.ParseValue(ref reader);
            return VideoRequestJson.Parse(json.RootElement.GetRawText(), JobFolder.JobFile);
        }

        public override void Write(Utf8JsonWriter writer, VideoRequest value, JsonSerializerOptions options) => writer.WriteRawValue(VideoRequestJson.Serialize(value));
    }
}
