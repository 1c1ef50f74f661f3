using System.IO.Compression;
using System.Text.Json;
using OnDeviceSora.Evaluation.World;
using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Tests.World;

/// <summary>Clips that the world of tools/embedded-model drew; <c>python test_clips.py</c> there makes the files.</summary>
internal static class PythonClips
{
    private const int FrameBytes = 3 * Clip.Side * Clip.Side;

    public static IReadOnlyList<PythonClip> All { get; } = Load();

    private static List<PythonClip> Load()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "World");
        using var file = File.OpenRead(Path.Combine(folder, "clips.bin.gz"));
        using var frames = new GZipStream(file, CompressionMode.Decompress);
        using var descriptions = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "clips.json")));
        return [.. descriptions.RootElement.EnumerateArray().Select(description => new PythonClip(SceneOf(description), PlacesOf(description), FramesOf(frames)))];
    }

    private static Scene SceneOf(JsonElement description) => new(
        Value<Background>(description, "background"),
        new Thing(Value<Colour>(description, "colour"), Value<Figure>(description, "figure"), Value<Size>(description, "size"), Value<Motion>(description, "motion")));

    private static T Value<T>(JsonElement description, string key) where T : struct, Enum => Enum.Parse<T>(description.GetProperty(key).GetString()!, ignoreCase: true);

    private static Place[] PlacesOf(JsonElement description) =>
        [.. description.GetProperty("places").EnumerateArray().Select(place => new Place(place[0].GetSingle(), place[1].GetSingle(), place[2].GetSingle()))];

    private static VideoFrame[] FramesOf(Stream stream) => [.. Enumerable.Range(0, Clip.Frames).Select(_ =>
    {
        var rgb = new byte[FrameBytes];
        stream.ReadExactly(rgb);
        return new VideoFrame(Clip.Side, Clip.Side, rgb);
    })];
}

/// <summary>A clip, what it shows and where the thing is in every frame.</summary>
internal sealed record PythonClip(Scene Scene, Place[] Places, VideoFrame[] Frames);
