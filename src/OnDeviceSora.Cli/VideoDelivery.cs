using System.Diagnostics;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary>Runs the work and brings its result to disk; a long sampling is never lost to a failed write.</summary>
internal static class VideoDelivery
{
    /// <summary>Generates or decodes, and writes.</summary>
    /// <param name="display">Shows the work.</param>
    /// <param name="output">Where the video goes.</param>
    /// <param name="saveLatents">Where the latents go, if anywhere.</param>
    /// <param name="rescueLatents">Keep the latents when the video cannot be written.</param>
    /// <param name="work">Makes the video.</param>
    /// <param name="cancellation">Stops the writing.</param>
    /// <returns>The video.</returns>
    public static async Task<GeneratedVideo> DeliverAsync(
        IGenerationDisplay display, string output, string? saveLatents, bool rescueLatents,
        Func<Task<GeneratedVideo>> work, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var video = await display.ShowAsync(work).ConfigureAwait(false);
        if (saveLatents is not null)
        {
            LatentsFile.Save(saveLatents, video.Latents);
            display.Note($"saved the latents: {saveLatents}");
        }

        WrittenVideo written;
        try
        {
            written = await VideoWriter.WriteAsync(video, output, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (OutputException error) when (rescueLatents && saveLatents is null)
        {
            throw new OutputException(error.Path, Rescue(error, video.Latents, output), error);
        }

        if (written.Note is { } note)
            display.Note(note);
        display.Finished(video, written, saveLatents, clock.Elapsed);
        return video;
    }

    // Beside the output; else, since that place may be the problem, where temporary files go.
    private static string Rescue(OutputException error, VideoLatents latents, string output)
    {
        string problem = error.Message.StartsWith(error.Path + ": ", StringComparison.Ordinal) ? error.Message[(error.Path.Length + 2)..] : error.Message;
        string beside = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)))!;
        foreach (string folder in (string[])[beside, Path.GetTempPath()])
        {
            try
            {
                string place = OutputName.RescuedLatents(folder, output);
                LatentsFile.Save(place, latents);
                return $"{problem}. The latents are saved; this makes the video from them: sora decode \"{place}\"";
            }
            catch (OutputException)
            {
                // The next place may do.
            }
        }

        return $"{problem}. The latents could not be saved either";
    }
}
