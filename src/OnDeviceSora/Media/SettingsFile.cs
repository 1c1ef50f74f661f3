namespace OnDeviceSora.Media;

/// <summary>The <c>.json</c> beside a video.</summary>
internal static class SettingsFile
{
    /// <summary>The names it may have: <c>clip.json</c> for <c>clip.mp4</c>, or <c>clip.mp4.json</c> when the first belongs to someone else.</summary>
    public static IReadOnlyList<string> Names(string video) => [Path.ChangeExtension(video, ".json"), video + ".json"];

    /// <summary>The name to write: the first that is free or holds settings that an earlier run wrote.</summary>
    public static string Choose(string video) =>
        Names(video).FirstOrDefault(name => !File.Exists(name) || VideoSettingsReader.Recognises(name))
        ?? throw new OutputException(Names(video)[^1], "a file with this name holds something else than sora's settings; move it away");
}
