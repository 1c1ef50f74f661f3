using System.Text.Json;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>Writes what is kept of a finished video. The video itself comes last: when it is there, everything is.</summary>
/// <param name="folder">Where to.</param>
internal sealed class VideoFiles(JobFolder folder)
{
    /// <summary>Writes everything but the video.</summary>
    /// <exception cref="OutputException">Something cannot be written.</exception>
    public async Task WriteCompanionsAsync(GeneratedVideo video, RunningVideo running, CancellationToken cancellation)
    {
        var rate = video.Request.FramesPerSecond!.Value;
        await VideoWriter.WriteAsync([video.Frames[video.Frames.Count / 2]], rate, folder.Thumbnail, cancellation: cancellation).ConfigureAwait(false);
        await VideoWriter.WriteAsync([Spritesheet.Of(video.Frames)], rate, folder.Spritesheet, cancellation: cancellation).ConfigureAwait(false);
        TimelinePage.Save(folder.Timeline, running.Timeline, video.Request.Prompt);
        var report = VideoReport.Of(running.Steps.Steps, running.Timeline.Samples, video.Timings);
        AtomicFile.Write(folder.Report, stream => JsonSerializer.Serialize(stream, report, StudioJson.Options));
    }

    /// <summary>The file that <see cref="WriteVideoAsync"/> is going to write.</summary>
    public string VideoName => Path.GetFileName(VideoReader.IsAvailable ? folder.Video : folder.AnimatedPicture);

    /// <summary>Writes the video.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public Task<WrittenVideo> WriteVideoAsync(GeneratedVideo video, string name, CancellationToken cancellation) =>
        VideoWriter.WriteAsync(video, folder.At(name), cancellation: cancellation);

    /// <summary>Writes what a video looks like so far. A preview that cannot be written is no reason to stop.</summary>
    public async Task<bool> WritePreviewAsync(IReadOnlyList<VideoFrame> frames, int framesPerSecond)
    {
        try
        {
            await VideoWriter.WriteAsync(frames, framesPerSecond, folder.Preview).ConfigureAwait(false);
            await VideoWriter.WriteAsync([frames[frames.Count / 2]], framesPerSecond, folder.StillPreview).ConfigureAwait(false);
            return true;
        }
        catch (OutputException)
        {
            return false;
        }
    }
}
