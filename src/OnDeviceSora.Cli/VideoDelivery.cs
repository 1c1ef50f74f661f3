using System.Diagnostics;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary>Makes a video and brings it to disk; a long sampling is never lost to what comes after it.</summary>
/// <param name="generator">Does the work.</param>
/// <param name="display">Shows the work.</param>
/// <param name="output">Where the video goes.</param>
/// <param name="checkpoint">Where the state is saved on the way; <c>null</c> for nowhere.</param>
/// <param name="timeline">Where the record of the blocks goes; <c>null</c> for nowhere.</param>
/// <param name="repeats">The file whose video is made again, if one is.</param>
internal sealed class VideoDelivery(
    IVideoGenerator generator, IGenerationDisplay display, string output, GenerationCheckpoint? checkpoint = null, TimelineOutput? timeline = null, RepeatedFile? repeats = null)
{
    /// <summary>Samples, decodes and writes. When one of the last two fails, the latents are kept, unless the checkpoint has them.</summary>
    /// <param name="request">A complete request.</param>
    /// <param name="saveLatents">Where the latents go as soon as they are there; <c>null</c> for nowhere.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task<GeneratedVideo> GenerateAsync(VideoRequest request, string? saveLatents, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        VideoLatents? latents = null;
        if (checkpoint?.State is { CompletedSteps: > 0 and var done } begun && begun.Request == request)
            display.Note($"{checkpoint.Folder}: going on after step {done} of {request.Steps}");
        try
        {
            var video = await display.ShowAsync(async () =>
            {
                latents = await Task.Run(() => generator.SampleAsync(request, checkpoint, display, cancellation), cancellation).ConfigureAwait(false);
                if (saveLatents is not null) LatentsFile.Save(saveLatents, latents);
                return await generator.DecodeAsync(latents, display, cancellation).ConfigureAwait(false);
            }).ConfigureAwait(false);
            if (saveLatents is not null) display.Note($"saved the latents: {saveLatents}");
            await WriteAsync(video, saveLatents, clock, cancellation).ConfigureAwait(false);
            return video;
        }
        catch (Exception) when (checkpoint?.State?.Request == request)
        {
            display.Note($"The state is saved; this goes on with it: sora resume \"{checkpoint.Folder}\"");
            throw;
        }
        catch (OutputException error) when (latents is not null && saveLatents is null)
        {
            throw new OutputException(error.Path, $"{error.Problem}. {Rescue(latents)}", error);
        }
        catch (Exception error) when (latents is not null && saveLatents is null && error is not OperationCanceledException)
        {
            display.Note(Rescue(latents));
            throw;
        }
    }

    /// <summary>Decodes saved latents and writes the video.</summary>
    public async Task DecodeAsync(VideoLatents latents, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var video = await display.ShowAsync(
            () => Task.Run(() => generator.DecodeAsync(latents, display, cancellation), cancellation)).ConfigureAwait(false);
        await WriteAsync(video, null, clock, cancellation).ConfigureAwait(false);
    }

    private async Task WriteAsync(GeneratedVideo video, string? saveLatents, Stopwatch clock, CancellationToken cancellation)
    {
        var written = await VideoWriter.WriteAsync(video, output, cancellation: cancellation).ConfigureAwait(false);
        checkpoint?.Finish(written.Path);
        if (written.Note is { } note) display.Note(note);
        if (repeats?.Model is { } model && model != video.Model)
            display.Note($"{repeats.Path} was made with the model {model}, this one with {video.Model}: the videos differ");
        timeline?.Save(video.Request.Prompt, display);
        display.Finished(video, written, saveLatents, clock.Elapsed);
    }

    /// <summary>Saves latents beside the output; else, since that place may be the problem, where temporary files go.</summary>
    private string Rescue(VideoLatents latents)
    {
        string beside = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)))!;
        foreach (string folder in (string[])[beside, Path.GetTempPath()])
        {
            try
            {
                string place = OutputName.RescuedLatents(folder, output);
                LatentsFile.Save(place, latents);
                return $"The latents are saved; with the same model, this makes the video from them: sora decode \"{place}\"";
            }
            catch (OutputException)
            {
                // The next place may do.
            }
        }

        return "The latents could not be saved either";
    }
}

/// <summary>A file whose video is made again.</summary>
/// <param name="Path">The file.</param>
/// <param name="Model">Name and hash of the model that made it, if it says so.</param>
internal sealed record RepeatedFile(string Path, string? Model);
