using OnDeviceSora.Media;

namespace OnDeviceSora.Studio.Tests;

/// <summary>A test that plays results with ffmpeg and ffprobe: reported as skipped where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsFfmpegFactAttribute : FactAttribute
{
    public NeedsFfmpegFactAttribute() => Skip = !VideoReader.IsAvailable ? "ffmpeg is not installed" : Programs.Find("ffprobe") is null ? "ffprobe is not installed" : null;
}

/// <summary>A test that runs a script with Node: reported as skipped where there is none, but not in continuous integration, which has it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsNodeFactAttribute : FactAttribute
{
    public NeedsNodeFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") is { Length: > 0 }) return;
        Skip = Programs.Find("node") is null ? "node is not installed" : Programs.Find("npm") is null ? "npm is not installed" : null;
    }
}
