using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>Events as they are sent: each is written once, however many listen.</summary>
internal sealed class EventMessages(VideoObjects objects)
{
    private readonly ConditionalWeakTable<VideoJob, byte[]> _videos = [];
    private readonly ConditionalWeakTable<StepReport, byte[]> _steps = [];

    public ReadOnlyMemory<byte> Of(VideoJob job) => _videos.GetValue(job, known => Write("video", objects.Of(known)));

    public ReadOnlyMemory<byte> Of(StepReport step) => _steps.GetValue(step, known => Write("step", known));

    public static ReadOnlyMemory<byte> OfDeleted(string id) => Write("deleted", new DeletedEvent(id));

    private static byte[] Write<T>(string name, T data)
    {
        var message = new ArrayBufferWriter<byte>(1024);
        message.Write(Encoding.ASCII.GetBytes($"event: {name}\ndata: "));
        using (var json = new Utf8JsonWriter(message, new JsonWriterOptions { Encoder = StudioJson.Options.Encoder })) JsonSerializer.Serialize(json, data, StudioJson.Options);
        message.Write("\n\n"u8);
        return message.WrittenSpan.ToArray();
    }

    private sealed record DeletedEvent(string Id);
}
