using System.Text.Json;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary>
/// One JSON object a line on standard output. The member <c>event</c> is <c>progress</c>, <c>note</c>, <c>result</c> or
/// <c>error</c>; the last line is one of the latter two. Times are seconds.
/// </summary>
internal sealed class JsonDisplay(TextWriter output) : IGenerationDisplay
{
    private readonly JsonLines _lines = new(output);

    public Task<T> ShowAsync<T>(Func<Task<T>> work) => work();

    public void Report(GenerationProgress value) => _lines.Write("progress", json =>
    {
        json.WriteString("stage", Name(value.Stage));
        json.WriteNumber("completed", value.Completed);
        json.WriteNumber("total", value.Total);
        json.WriteNumber("elapsed", Seconds(value.Elapsed));
        if (value.Remaining is { } remaining)
            json.WriteNumber("remaining", Seconds(remaining));
        json.WriteNumber("memoryBytes", value.MemoryBytes);
        if (value.Similarity is { } similarity && float.IsFinite(similarity))
            json.WriteNumber("similarity", similarity);
        json.WriteBoolean("leapt", value.Leapt);
    });

    public void Note(string message) => _lines.Note(message);

    public void AlreadyThere(string video) => _lines.Write("result", json =>
    {
        json.WriteString("path", video);
        json.WriteBoolean("alreadyThere", true);
    });

    public void Failed(int exitCode, string message) => _lines.Failed(exitCode, message);

    public void Finished(GeneratedVideo video, WrittenVideo written, string? latents, TimeSpan elapsed) => _lines.Write("result", json =>
    {
        json.WriteString("path", written.Path);
        json.WriteString("format", JsonNamingPolicy.CamelCase.ConvertName(written.Format.ToString()));
        json.WriteString("settings", written.SettingsPath);
        json.WriteString("latents", latents);
        json.WritePropertyName("request");
        using (var request = JsonDocument.Parse(VideoRequestJson.Serialize(video.Request)))
            request.WriteTo(json);
        json.WriteString("model", video.Model);
        json.WriteNumber("seed", video.Request.Seed);
        json.WriteNumber("frames", video.Frames.Count);
        json.WriteNumber("executedSteps", video.ExecutedSteps);
        if (video.LeapStep is { } leap)
            json.WriteNumber("leapStep", leap);
        else
            json.WriteNull("leapStep");
        json.WriteStartArray("similarities");
        foreach (float similarity in video.Similarities.Where(float.IsFinite))
            json.WriteNumberValue(similarity);
        json.WriteEndArray();
        json.WriteStartObject("seconds");
        foreach (var (stage, time) in video.Timings.OrderBy(timing => timing.Key))
            json.WriteNumber(Name(stage), Seconds(time));
        json.WriteNumber("total", Seconds(elapsed));
        json.WriteEndObject();
        json.WriteNumber("peakTensorBytes", video.PeakTensorBytes);
        json.WriteNumber("peakResidentBytes", video.PeakResidentBytes);
    });

    private static string Name(GenerationStage stage) => JsonNamingPolicy.CamelCase.ConvertName(stage.ToString());

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
}
