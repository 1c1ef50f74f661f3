using System.CommandLine;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Cli;

/// <summary><c>sora verify</c>: whether a package's bytes are those that were written.</summary>
internal static class VerifyCommand
{
    public static Command Build(CommandHost host)
    {
        var path = OptionParsing.Name("package", "The package's folder, or the name of an installed one.");
        var json = new Option<bool>("--json") { Description = "One JSON object a line on standard output: progress, and the result." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print errors only." };

        var command = new Command("verify",
            "Read every byte of a device package and compare it with the hashes in its manifest, and its tensors with its configuration. Exit code 3 when something is wrong; the file and block are named.")
        { path, json, quiet };
        command.Exclude(json, quiet);
        command.SetAction((parsed, cancellation) =>
        {
            bool machine = parsed.GetValue(json), silent = parsed.GetValue(quiet);
            return ErrorReport.GuardAsync(host, machine ? new JsonDisplay(host.Output) : new QuietDisplay(), async () =>
            {
                var display = new PackageDisplay(host, "verifying");
                IProgress<PackageProgress>? progress = machine ? new PackageJsonProgress(host.Output) : silent ? null : display;
                PackageVerification Work() => DevicePackage.Verify(ModelLocator.Resolve(parsed.GetRequiredValue(path)), progress, cancellation);
                var result = progress == display ? await display.ShowAsync(Work).ConfigureAwait(false) : Work();
                Report(host, result, machine, silent);
                return result.IsSound ? ExitCodes.Success : ExitCodes.BadInput;
            }, cancellation, "the package was not fully checked");
        });
        return command;
    }

    private static void Report(CommandHost host, PackageVerification result, bool machine, bool silent)
    {
        if (machine)
        {
            new JsonLines(host.Output).Write("result", json =>
            {
                json.WriteString("path", result.Path);
                json.WriteBoolean("sound", result.IsSound);
                json.WriteNumber("bytes", result.Manifest.Bytes);
                json.Write("problems", result.Problems);
            });
            return;
        }

        foreach (var problem in result.Problems)
            host.Error.WriteLine($"{problem.File}{(problem.Block is { } block ? $", block {block}" : "")}: {problem.Problem}");
        if (result.IsSound && !silent)
            host.Output.WriteLine($"{result.Path}: sound, {result.Manifest.Files.Count} files, {result.Manifest.Files.Sum(file => file.Blocks.Count)} blocks, {ProgressText.Bytes(result.Manifest.Bytes)}");
        if (!result.IsSound)
            host.Error.WriteLine($"sora: {result.Path}: {result.Problems.Count} {(result.Problems.Count == 1 ? "problem" : "problems")}; convert or fetch the package again");
    }
}
