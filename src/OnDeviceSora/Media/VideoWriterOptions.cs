namespace OnDeviceSora.Media;

/// <summary>How <see cref="VideoWriter"/> writes.</summary>
public sealed record VideoWriterOptions
{
    /// <summary>
    /// Path of the ffmpeg program, or <c>null</c> to look at the environment variable <c>SORA_FFMPEG</c> and then at
    /// <c>PATH</c>. Default <c>null</c>.
    /// </summary>
    public string? Ffmpeg { get; init; }

    /// <summary>
    /// ffmpeg is stopped when it has neither taken nor encoded a frame for so long. Default 30 s; at least 100 ms.
    /// </summary>
    public TimeSpan EncoderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Write a folder of numbered PNG pictures whatever the path ends with. Default false.</summary>
    public bool Folder { get; init; }
}
