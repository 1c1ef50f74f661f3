using System.CommandLine;
using System.Diagnostics;
using OnDeviceSora.Hub;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary><c>sora pull</c>: fetches a published model into the cache that the hub's tools share.</summary>
internal static class PullCommand
{
    private const string Kept = "what arrived is kept; run the same command to go on";

    public static Command Build(CommandHost host)
    {
        var model = OptionParsing.Name("model", $"What to fetch: {string.Join(", ", PulledModel.Known)}.");
        var revisions = new Option<string[]>("--revision")
        {
            HelpName = "R",
            Description = "Branch or tag to fetch; PART=R for a single part (transformer, vae, text_encoder), then a commit too. May be repeated. Default: main.",
        };
        var connections = OptionParsing.Whole("--connections", "N", "Parts of a file fetched at once, 1 to 64. Default: 4.", minimum: 1);
        var verify = new Option<bool>("--verify") { Description = "Also check the hashes of files that are already there." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line on standard output: progress, notes, and the result." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print errors only." };

        var command = new Command("pull",
            "Fetch a published model from a Hugging Face-compatible hub into its shared cache; only the files that are needed, each checked by its hash. Safe to interrupt and run again: it goes on where it stopped.")
        { model, revisions, connections, verify, json, quiet };
        command.Exclude(json, quiet);
        command.SetAction((parsed, cancellation) =>
        {
            var display = Display(host, parsed.GetValue(json), parsed.GetValue(quiet));
            var options = new PullOptions { Progress = display, Note = display.Note, Verify = parsed.GetValue(verify) };
            options = options with { Connections = parsed.GetValue(connections) ?? options.Connections };
            options = WithRevisions(options, parsed.GetValue(revisions) ?? []);
            return ErrorReport.GuardAsync(host, display, async () =>
            {
                var clock = Stopwatch.StartNew();
                var result = await display.ShowAsync(() => ModelPull.RunAsync(parsed.GetRequiredValue(model), options, cancellation)).ConfigureAwait(false);
                display.Finished(result, clock.Elapsed);
                return ExitCodes.Success;
            }, cancellation, Kept);
        });
        return command;
    }

    private static PullOptions WithRevisions(PullOptions options, IEnumerable<string> texts)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            if (text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
                parts[text[..at]] = text[(at + 1)..];
            else
                options = options with { Revision = text };
        }

        return options with { Revisions = parts };
    }

    private static IPullDisplay Display(CommandHost host, bool json, bool quiet)
    {
        if (json)
            return new JsonPullDisplay(host.Output);
        if (quiet)
            return new QuietPullDisplay();
        if (!host.Interactive)
            return new PlainPullDisplay(host.Output, host.Error);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(host.Error) });
        return console.Profile.Capabilities.Ansi
            ? new LivePullDisplay(console, host.Output, host.Error)
            : new PlainPullDisplay(host.Output, host.Error);
    }
}
