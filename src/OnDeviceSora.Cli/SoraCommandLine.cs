using System.CommandLine;

namespace OnDeviceSora.Cli;

/// <summary>The command <c>sora</c>: parses, runs, and turns every error into one line and an exit code.</summary>
internal static class SoraCommandLine
{
    /// <summary>Runs one command line.</summary>
    /// <returns>An exit code; see <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, CommandHost host, CancellationToken cancellation)
    {
        // No response files: a prompt may begin with an @.
        var result = Build(host).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count > 0)
        {
            // The last is the most specific: the first may only say that there is no command.
            string command = result.CommandResult.Command is RootCommand ? "" : " " + result.CommandResult.Command.Name;
            host.Error.WriteLine($"sora: {OneLine(result.Errors[^1].Message)} (see: sora{command} --help)");
            return ExitCodes.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            Output = host.Output,
            Error = host.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // Interruption handles the signals
        };
        // Commands guard themselves; this is for the help.
        return await ErrorReport.GuardAsync(host, new QuietDisplay(), () => result.InvokeAsync(configuration, cancellation), cancellation).ConfigureAwait(false);
    }

    private static RootCommand Build(CommandHost host) =>
        new RootCommand("Text to video on this machine: Open-Sora v1.2 with Linear Proportional Leap and token merging.\n\n" + ExitCodes.Help)
        {
            GenerateCommand.Build(host),
            PlanCommand.Build(host),
            ResumeCommand.Build(host),
            ServeCommand.Build(host),
            DecodeCommand.Build(host),
            InspectCommand.Build(host),
            PullCommand.Build(host),
            ModelsCommand.Build(host),
            ConvertCommand.Build(host),
            VerifyCommand.Build(host),
            BenchCommand.Build(host),
        };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
