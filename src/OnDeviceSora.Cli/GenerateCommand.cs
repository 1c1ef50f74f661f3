using System.CommandLine;
using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary><c>sora generate</c>: a sentence becomes a video.</summary>
internal static class GenerateCommand
{
    public static Command Build(CommandHost host)
    {
        var request = new RequestOptions();
        var shared = new SharedOptions();
        var saveLatents = OptionParsing.Text("--save-latents", "FILE",
            "Also save the latents (.safetensors), which sora decode turns into the same video. They are saved before the decoding; and anyway when decoding or writing fails.");
        var checkpoint = OptionParsing.Text("--checkpoint", "DIR",
            "Save the state in this folder before the first and after each step: whatever ends the process, sora resume DIR finishes with the same video. The same command again goes on, too.");
        var force = new Option<bool>("--force") { Description = "With --checkpoint: discard an unfinished generation that the folder holds." };

        var command = new Command("generate", "Turn a sentence into a video. Exit codes: see sora --help.");
        request.AddTo(command);
        shared.AddTo(command);
        foreach (var option in (Option[])[saveLatents, checkpoint, force])
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(force) && result.GetResult(checkpoint) is null)
                result.AddError("--force needs --checkpoint");
        });
        command.SetAction((parsed, cancellation) =>
        {
            var display = shared.Display(parsed, host);
            return ErrorReport.GuardAsync(host, display, async () =>
            {
                var like = request.LikeSettings(parsed);
                var timeline = shared.Timeline(parsed);
                using var generator = host.Open(shared.Model(parsed), shared.Pipeline(parsed, like?.DecodeTile) with { Timeline = timeline?.Blocks });
                var resolved = generator.Resolve(request.Request(parsed, like?.Request));
                string output = shared.Output(parsed) ?? OutputName.For(resolved);
                string? latents = parsed.GetValue(saveLatents);
                VideoWriter.EnsureWritable(output);
                if (latents is not null)
                    OutputName.EnsureWritable(latents, "--save-latents");
                Announce(generator.Plan(resolved, measureSpeed: shared.AsksForMemory(parsed)), display);

                using var saved = parsed.GetValue(checkpoint) is { } folder
                    ? GenerationCheckpoint.Open(folder, parsed.GetValue(force), output, shared.Output(parsed) is not null)
                    : null;
                var repeats = request.Like(parsed) is { } file ? new RepeatedFile(file, like?.Model) : null;
                await new VideoDelivery(generator, display, output, saved, timeline, repeats).GenerateAsync(resolved, latents, cancellation).ConfigureAwait(false);
                return ExitCodes.Success;
            }, cancellation);
        });
        return command;
    }

    /// <summary>Says what was asked for, and what changes the video.</summary>
    private static void Announce(GenerationPlan plan, IGenerationDisplay display)
    {
        // Only who asks for memory waits for the speed to be measured.
        if (plan.Time is not null)
            display.Note(PlanText.Summary(plan));
        if (plan.TilesForMemory)
            display.Note(PlanText.TilesNote(plan));
    }
}
