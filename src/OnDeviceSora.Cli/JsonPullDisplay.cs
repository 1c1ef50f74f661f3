using OnDeviceSora.Hub;

namespace OnDeviceSora.Cli;

/// <summary>
/// One JSON object a line on standard output. The member <c>event</c> is <c>progress</c>, <c>note</c>, <c>result</c> or
/// <c>error</c>; the last line is one of the latter two. Times are seconds, at most two progress lines a second.
/// </summary>
internal sealed class JsonPullDisplay(TextWriter output) : IPullDisplay
{
    private readonly PullLineGate _gate = new(TimeSpan.FromSeconds(0.5));
    private readonly JsonLines _lines = new(output);

    public Task<T> ShowAsync<T>(Func<Task<T>> work) => work();

    public void Report(PullProgress value) => _gate.Pass(value, () => _lines.Write("progress", json =>
    {
        json.WriteString("activity", value.Activity == PullActivity.Checking ? "checking" : "fetching");
        json.WriteString("repository", value.Repository);
        json.WriteString("file", value.File);
        json.WriteNumber("fileCompleted", value.FileCompleted);
        json.WriteNumber("fileTotal", value.FileTotal);
        json.WriteNumber("completed", value.Completed);
        json.WriteNumber("total", value.Total);
        json.WriteNumber("bytesPerSecond", Math.Round(value.BytesPerSecond));
        json.WriteNumber("elapsed", Math.Round(value.Elapsed.TotalSeconds, 3));
        if (value.Remaining is { } remaining)
            json.WriteNumber("remaining", Math.Round(remaining.TotalSeconds, 1));
    }));

    public void Note(string message) => _lines.Note(message);

    public void Failed(int exitCode, string message) => _lines.Failed(exitCode, message);

    public void Finished(PullResult result, TimeSpan elapsed) => _lines.Write("result", json =>
    {
        json.WriteString("model", result.Model.Name);
        json.WriteStartArray("parts");
        foreach (var part in result.Model.Parts)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteString("repository", part.Repository);
            json.WriteString("commit", part.Commit);
            json.WriteString("path", part.Folder);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("tokenizer", result.Model.TokenizerPath);
        json.WriteNumber("fetchedBytes", result.FetchedBytes);
        json.WriteNumber("totalBytes", result.TotalBytes);
        json.WriteNumber("seconds", Math.Round(elapsed.TotalSeconds, 3));
        json.WriteString("next", PullText.Next(result.Model.Name));
    });
}
