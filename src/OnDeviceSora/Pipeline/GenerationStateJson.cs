using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Pipeline;

/// <summary>The settings and counters of a <see cref="GenerationState"/>: what its file holds as JSON beside the request.</summary>
internal sealed record GenerationStateJson(
    string Model, string ModelFolder, string? Output, bool OutputWasNamed, string? Video, int? DecodeTile,
    int CompletedSteps, int? LeapStep, int Patience, IReadOnlyDictionary<GenerationStage, TimeSpan> Timings)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON.</summary>
    public static string Serialize(GenerationState state)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("model", state.Model);
            json.WriteString("modelFolder", state.ModelFolder);
            if (state.Output is { } output) json.WriteString("output", output);
            json.WriteBoolean("outputWasNamed", state.OutputWasNamed);
            if (state.Video is { } video) json.WriteString("video", video);
            if (state.DecodeTile is { } tile) json.WriteNumber("decodeTile", tile);
            json.WriteNumber("completedSteps", state.CompletedSteps);
            if (state.Sampling?.LeapStep is { } leapStep) json.WriteNumber("leapStep", leapStep);
            json.WriteNumber("patience", Math.Max(0, state.Sampling?.Leap.Patience ?? 0));
            json.WriteStartObject("seconds");
            foreach (var (stage, time) in state.Timings) json.WriteNumber(stage.ToString(), time.TotalSeconds);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Reads the JSON.</summary>
    /// <param name="text">What <see cref="Serialize"/> wrote.</param>
    /// <param name="path">The file it comes from, for messages.</param>
    /// <exception cref="InvalidFileException">It is not that.</exception>
    public static GenerationStateJson Parse(string text, string path)
    {
        using var document = JsonFile.Parse(path, Encoding.UTF8.GetBytes(text));
        var json = document.RootElement;
        return new GenerationStateJson(
            String("model") ?? throw Missing("model"), String("modelFolder") ?? throw Missing("modelFolder"), String("output"),
            json.TryGetProperty("outputWasNamed", out var named) && named.ValueKind == JsonValueKind.True, String("video"), Integer("decodeTile", 1),
            Integer("completedSteps", 0) ?? throw Missing("completedSteps"), Integer("leapStep", 0), Integer("patience", 0) ?? 0, Timings());

        string? String(string key) => json.TryGetProperty(key, out var value) ? JsonFile.Text(path, key, value) : null;
        int? Integer(string key, int minimum) => VideoRequestJson.Integer(json, key, minimum, path);
        InvalidFileException Missing(string key) => new(path, $"the settings have no '{key}'");

        Dictionary<GenerationStage, TimeSpan> Timings()
        {
            var timings = new Dictionary<GenerationStage, TimeSpan>();
            if (!json.TryGetProperty("seconds", out var seconds) || seconds.ValueKind != JsonValueKind.Object) return timings;
            foreach (var stage in Enum.GetValues<GenerationStage>())
            {
                if (VideoRequestJson.Real(seconds, stage.ToString(), path) is >= 0 and <= 1e9f and var time) timings[stage] = TimeSpan.FromSeconds(time);
            }
            return timings;
        }
    }
}
