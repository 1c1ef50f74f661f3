namespace OnDeviceSora.Tests.Media;

/// <summary>A test that reads results back with ffmpeg: reported as skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsFfmpegFactAttribute : FactAttribute
{
    public NeedsFfmpegFactAttribute() => Skip = Ffmpeg.Path is null ? "ffmpeg is not installed" : null;
}

/// <summary>A test whose fake encoders are shell scripts.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsShellFactAttribute : FactAttribute
{
    public NeedsShellFactAttribute() => Skip = OperatingSystem.IsWindows() ? "needs /bin/sh" : null;
}
