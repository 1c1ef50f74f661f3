using System.Globalization;

namespace OnDeviceSora.Media;

/// <summary>
/// Writes videos: <c>.mp4</c> through ffmpeg (an animated PNG when there is none), <c>.png</c> or <c>.apng</c> natively, or a
/// folder of numbered PNG pictures. Nothing appears under the final name before it is complete, and nothing stays on failure.
/// </summary>
public static class VideoWriter
{
    /// <summary>Writes a generated video, with its settings in the file and in a <c>.json</c> beside it.</summary>
    /// <param name="video">The video.</param>
    /// <param name="path">
    /// Where to: <c>.mp4</c>, <c>.png</c> or <c>.apng</c>; or a folder, recognised by existing or by ending with a slash.
    /// A file that is there is replaced.
    /// </param>
    /// <param name="options">How; <c>null</c> for the defaults.</param>
    /// <param name="cancellation">Stops the work, ffmpeg included, and leaves no file.</param>
    /// <exception cref="InvalidRequestException">The path has an ending that cannot be written.</exception>
    /// <exception cref="OutputException">The result could not be written.</exception>
    public static Task<WrittenVideo> WriteAsync(
        GeneratedVideo video, string path, VideoWriterOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(video);
        var metadata = new VideoMetadata(video.Request.Prompt, VideoSettings.Embedded(video));
        int framesPerSecond = video.Request.FramesPerSecond
            ?? throw new InvalidRequestException(nameof(VideoRequest.FramesPerSecond), "the video does not say how many frames a second it has");
        return WriteAsync(video.Frames, framesPerSecond, path, metadata, VideoSettings.Beside(video), options, cancellation);
    }

    /// <summary>Writes frames without settings beside them.</summary>
    /// <param name="frames">The frames, at least one, all of one size.</param>
    /// <param name="framesPerSecond">1 to 1000.</param>
    /// <param name="path">Where to; see the other overload.</param>
    /// <param name="metadata">What the file says about itself; <c>null</c> for nothing.</param>
    /// <param name="options">How; <c>null</c> for the defaults.</param>
    /// <param name="cancellation">Stops the work, ffmpeg included, and leaves no file.</param>
    /// <exception cref="InvalidRequestException">The frames or the path cannot be written.</exception>
    /// <exception cref="OutputException">The result could not be written.</exception>
    public static Task<WrittenVideo> WriteAsync(
        IReadOnlyList<VideoFrame> frames, int framesPerSecond, string path, VideoMetadata? metadata = null,
        VideoWriterOptions? options = null, CancellationToken cancellation = default) =>
        WriteAsync(frames, framesPerSecond, path, metadata ?? VideoMetadata.None, null, options, cancellation);

    /// <summary>
    /// Checks that a video could be written to <paramref name="path"/>: before hours of work, not after. Tries by creating
    /// and removing a file.
    /// </summary>
    /// <param name="path">As for <see cref="WriteAsync(GeneratedVideo, string, VideoWriterOptions?, CancellationToken)"/>.</param>
    /// <param name="options">How it is going to be written; <c>null</c> for the defaults.</param>
    /// <exception cref="InvalidRequestException">The path has an ending that cannot be written.</exception>
    /// <exception cref="OutputException">Nothing can be written there.</exception>
    public static void EnsureWritable(string path, VideoWriterOptions? options = null)
    {
        var target = OutputTarget.Parse(path, options ?? new VideoWriterOptions());
        try
        {
            using var probe = new PartialOutput(target.Path, Directory.Exists(target.Path) ? target.Path : null);
            File.WriteAllBytes(probe.Path, [0]);
        }
        catch (Exception error) when (OutputErrors.IsFileError(error))
        {
            throw OutputErrors.Describe(path, error);
        }
    }

    private static async Task<WrittenVideo> WriteAsync(
        IReadOnlyList<VideoFrame> frames, int framesPerSecond, string path, VideoMetadata metadata, string? settings,
        VideoWriterOptions? options, CancellationToken cancellation)
    {
        CheckFrames(frames, framesPerSecond);
        options ??= new VideoWriterOptions();
        var target = OutputTarget.Parse(path, options);
        try
        {
            switch (target.Format)
            {
                case VideoFormat.PngFolder:
                    return await Task.Run(() => PngFolder.Write(frames, target.Path, metadata, settings, cancellation), cancellation)
                        .ConfigureAwait(false);
                case VideoFormat.Mp4 when FfmpegLocation.Find(options.Ffmpeg) is { Path: null } missing:
                    string replacement = OutputTarget.FreeOrOurs(System.IO.Path.ChangeExtension(target.Path, ".png"));
                    var written = await WriteFileAsync(replacement, VideoFormat.Png, null).ConfigureAwait(false);
                    return written with { Note = $"{missing.Reason}: wrote an animated PNG instead of an MP4 (browsers play it); install ffmpeg for MP4" };
                default:
                    return await WriteFileAsync(target.Path, target.Format, FfmpegLocation.Find(options.Ffmpeg).Path).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (OutputErrors.IsFileError(error))
        {
            throw OutputErrors.Describe(path, error);
        }

        async Task<WrittenVideo> WriteFileAsync(string file, VideoFormat format, string? ffmpeg)
        {
            using var video = new PartialOutput(file);
            if (format == VideoFormat.Mp4)
                await Mp4Encoder.EncodeAsync(ffmpeg!, frames, framesPerSecond, video.Path, file, metadata, options.EncoderTimeout, cancellation).ConfigureAwait(false);
            else
                await Task.Run(() => WritePng(video.Path, frames, framesPerSecond, metadata, cancellation), cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            return new WrittenVideo(file, format, Commit(video, file, settings));
        }
    }

    private static void WritePng(
        string file, IReadOnlyList<VideoFrame> frames, int framesPerSecond, VideoMetadata metadata, CancellationToken cancellation)
    {
        using var stream = File.Create(file);
        if (frames.Count == 1)
            PngWriter.WriteStill(stream, frames[0], metadata, cancellation);
        else
            PngWriter.WriteAnimation(stream, frames, framesPerSecond, metadata, cancellation);
    }

    // Both files are complete before either gets its name.
    private static string? Commit(PartialOutput video, string file, string? settings)
    {
        if (settings is null)
        {
            video.Commit();
            return null;
        }

        string settingsPath = SettingsFile.Choose(file);
        using var beside = new PartialOutput(settingsPath);
        File.WriteAllText(beside.Path, settings);
        video.Commit();
        beside.Commit();
        return settingsPath;
    }

    private static void CheckFrames(IReadOnlyList<VideoFrame> frames, int framesPerSecond)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Count == 0)
            throw new InvalidRequestException(nameof(frames), "a video needs at least one frame");
        if (framesPerSecond is < 1 or > 1000)
            throw new InvalidRequestException(nameof(framesPerSecond), string.Create(CultureInfo.InvariantCulture, $"{framesPerSecond} frames a second cannot be written; 1 to 1000 can"));
        for (int i = 0; i < frames.Count; i++)
        {
            var (width, height, rgb) = frames[i];
            if (width < 1 || height < 1 || rgb.LongLength != 3L * width * height || width != frames[0].Width || height != frames[0].Height)
            {
                throw new InvalidRequestException(nameof(frames),
                    $"frame {i} is {width}x{height} with {rgb.LongLength} bytes; every frame must be {frames[0].Width}x{frames[0].Height} with 3 bytes a pixel");
            }
        }
    }
}
