using System.Text;
using System.Text.Json;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Media;

/// <summary>How a video was made, as it stands in the video file and in the <c>.json</c> beside it.</summary>
/// <param name="Request">The request with every default filled in.</param>
/// <param name="Model">Name and hash of the model, when the file says it.</param>
/// <param name="DecodeTile">The tiles it was decoded with; see <see cref="PipelineOptions.DecodeTile"/>.</param>
public sealed record VideoSettings(VideoRequest Request, string? Model, int? DecodeTile = null)
{
    /// <summary>What the member <c>format</c> of the JSON says.</summary>
    internal const string Format = "sora.video.v1";

    /// <summary>The JSON that goes into the video file: one line of ASCII, the same for every run of the same request.</summary>
    internal static string Embedded(GeneratedVideo video) => Write(video, measured: false);

    /// <summary>The JSON that stands beside the video: also what this run took.</summary>
    internal static string Beside(GeneratedVideo video) => Write(video, measured: true) + "\n";

    private static string Write(GeneratedVideo video, bool measured)
    {
        using var buffer = new MemoryStream();
        // The default encoder escapes everything but ASCII, so the text survives containers that know only Latin-1.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = measured, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WritePropertyName("request");
            using (var request = JsonDocument.Parse(VideoRequestJson.Serialize(video.Request)))
                request.WriteTo(json);
            json.WriteString("model", video.Model);
            if (video.DecodeTile is { } tile)
                json.WriteNumber("decodeTile", tile);
            json.WriteNumber("executedSteps", video.ExecutedSteps);
            if (video.LeapStep is { } leap)
                json.WriteNumber("leapStep", leap);
            else
                json.WriteNull("leapStep");
            WriteSimilarities(json, video.Similarities);
            if (measured)
                WriteMeasurements(json, video);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteSimilarities(Utf8JsonWriter json, IReadOnlyList<float> similarities)
    {
        json.WriteStartArray("similarities");
        foreach (float similarity in similarities)
        {
            if (float.IsFinite(similarity))
                json.WriteNumberValue(similarity);
            else
                json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    private static void WriteMeasurements(Utf8JsonWriter json, GeneratedVideo video)
    {
        json.WriteStartObject("seconds");
        foreach (var (stage, time) in video.Timings.OrderBy(timing => timing.Key))
            json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(stage.ToString()), Math.Round(time.TotalSeconds, 3));
        json.WriteEndObject();
        json.WriteNumber("peakTensorBytes", video.PeakTensorBytes);
        json.WriteNumber("peakResidentBytes", video.PeakResidentBytes);
    }
}
