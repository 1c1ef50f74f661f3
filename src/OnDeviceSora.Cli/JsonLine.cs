using System.Text;
using System.Text.Json;

namespace OnDeviceSora.Cli;

/// <summary>One JSON object on one line, with the member <c>event</c> first.</summary>
internal static class JsonLine
{
    public static string Of(string name, Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
