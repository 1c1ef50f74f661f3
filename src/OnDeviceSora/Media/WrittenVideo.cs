namespace OnDeviceSora.Media;

/// <summary>The kinds of output that <see cref="VideoWriter"/> makes.</summary>
public enum VideoFormat
{
    /// <summary>H.264 in MP4.</summary>
    Mp4,

    /// <summary>An animated PNG; a plain PNG when there is one frame.</summary>
    Png,

    /// <summary>A folder of numbered PNG pictures.</summary>
    PngFolder,
}

/// <summary>What was written.</summary>
/// <param name="Path">The video file, or the folder of pictures.</param>
/// <param name="Format">Its kind.</param>
/// <param name="SettingsPath">The file with the settings that was written with it, if any.</param>
/// <param name="Note">One line for the person when the result differs from what was asked for; otherwise <c>null</c>.</param>
public sealed record WrittenVideo(string Path, VideoFormat Format, string? SettingsPath = null, string? Note = null);
