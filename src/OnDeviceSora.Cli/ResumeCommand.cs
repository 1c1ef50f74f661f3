using System.CommandLine;
using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary><c>sora resume</c>: an interrupted generation goes on and ends with the video it would have made.</summary>
internal static class ResumeCommand
{
    public static Command Build(CommandHost host)
    {
        var folder = OptionParsing.Name("folder", "The folder that sora generate --checkpoint named.");
        var shared = new SharedOptions();
        var saveLatents = OptionParsing.Text("--save-latents", "FILE", "Also save the latents (.safetensors), which sora decode turns into the same video.");

        var command = new Command("resume", "Finish an interrupted generation: the same video, bit for bit. Without -o it goes where it was meant to go. Exit codes: see sora --help.") { folder };
        shared.AddTo(command, tiles: false);
        command.Add(saveLatents);
        command.SetAction((parsed, cancellation) =>
        {
            var display = shared.Display(parsed, host);
            return ErrorReport.GuardAsync(host, display, async () =>
            {
                string place = parsed.GetRequiredValue(folder);
                var state = GenerationCheckpoint.Read(place);
                string? named = shared.Output(parsed);
                bool more = parsed.GetValue(saveLatents) is not null || shared.AsksForTimeline(parsed);
                if (named is null && !more && state.Video is { } video && Holds(video, state.Request))
                {
                    display.AlreadyThere(video);
                    return ExitCodes.Success;
                }

                string output = named ?? PlannedOutput(state);
                string? latents = parsed.GetValue(saveLatents);
                VideoWriter.EnsureWritable(output);
                if (latents is not null)
                    OutputName.EnsureWritable(latents, "--save-latents");
                var timeline = shared.Timeline(parsed);
                using var checkpoint = GenerationCheckpoint.Open(place, output: output, outputWasNamed: named is not null || state.OutputWasNamed);
                using var generator = host.Open(shared.Model(parsed, state.ModelFolder), shared.Pipeline(parsed, state.DecodeTile) with { Timeline = timeline?.Blocks });
                await new VideoDelivery(generator, display, output, checkpoint, timeline).GenerateAsync(generator.Resolve(state.Request), latents, cancellation).ConfigureAwait(false);
                return ExitCodes.Success;
            }, cancellation);
        });
        return command;
    }

    /// <summary>Where the video was meant to go, unless someone else's work would be lost.</summary>
    private static string PlannedOutput(GenerationState state)
    {
        string output = state.Output ?? OutputName.For(state.Request);
        // A name that a person gave may be replaced, once.
        bool replaces = state.OutputWasNamed && state.Video is null;
        string place = Path.TrimEndingDirectorySeparator(output);
        if (Path.Exists(place) && !replaces && !Holds(place, state.Request))
            throw new OutputException(output, "something else has this name by now; name another with -o");
        return output;
    }

    private static bool Holds(string path, VideoRequest request)
    {
        try
        {
            return VideoSettingsReader.Read(path).Request == request;
        }
        catch (InvalidFileException)
        {
            return false;
        }
    }
}
