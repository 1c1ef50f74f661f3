using System.Text;
using System.Text.Json;

namespace OnDeviceSora.Cli;

/// <summary>Writes one JSON object a line, each with the member <c>event</c>. Any thread may write.</summary>
internal sealed class JsonLines(TextWriter output) : IFailureDisplay
{
    private readonly Lock _lock = new();

    public void Write(string name, Action<Utf8JsonWriter> members) => Write(json =>
    {
        json.WriteString("event", name);
        members(json);
    });

    /// <summary>One object without the member <c>event</c>.</summary>
    public void Write(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        lock (_lock)
        {
            output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
            output.Flush();
        }
    }

    public void Note(string message) => Write("note", json => json.WriteString("message", message));

    public void Failed(int exitCode, string message) => Write("error", json =>
    {
        json.WriteNumber("exitCode", exitCode);
        json.WriteString("message", message);
    });
}
