using System.CommandLine;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary><c>sora decode</c>: saved latents become the video they were sampled for.</summary>
internal static class DecodeCommand
{
    public static Command Build(CommandHost host)
    {
        var file = OptionParsing.Name("latents", "A file that sora generate --save-latents wrote.");
        var shared = new SharedOptions();

        var command = new Command("decode", "Turn saved latents into the video they were sampled for. Exit codes: see sora --help.") { file };
        shared.AddTo(command, encodes: false);
        command.SetAction((parsed, cancellation) =>
        {
            var display = shared.Display(parsed, host);
            return ErrorReport.GuardAsync(host, display, async () =>
            {
                var latents = LatentsFile.Load(parsed.GetRequiredValue(file));
                string output = shared.Output(parsed) ?? OutputName.For(latents.Request);
                VideoWriter.EnsureWritable(output);
                var timeline = shared.Timeline(parsed);
                using var generator = host.Open(shared.Model(parsed), shared.Pipeline(parsed, latents.DecodeTile, encodes: false) with { Timeline = timeline?.Blocks });
                await new VideoDelivery(generator, display, output, timeline: timeline, repeats: new RepeatedFile(parsed.GetRequiredValue(file), latents.Model)).DecodeAsync(latents, cancellation).ConfigureAwait(false);
                return ExitCodes.Success;
            }, cancellation);
        });
        return command;
    }
}
