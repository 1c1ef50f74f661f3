using System.CommandLine;
using System.Diagnostics;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Hub;

namespace OnDeviceSora.Cli;

/// <summary><c>sora convert</c>: makes a device package of a model.</summary>
internal static class ConvertCommand
{
    private const string Cancelled = "no package was written";

    public static Command Build(CommandHost host)
    {
        var source = OptionParsing.Name("source",
            $"A model that was pulled ({string.Join(", ", PulledModel.Known)}), a model folder, the name of an installed one, or a folder with the published repositories: {PublishedParts.TransformerRepository}, {PublishedParts.VaeRepository}, {PublishedParts.TextEncoderRepository}.");
        var destination = OptionParsing.Name("destination", "The package's folder: one that does not exist yet, or is empty.");
        var textEncoder = Precision("--text-encoder", "fp32, bf16, fp16 or int8. Default: int8.", int8: true);
        var transformer = Precision("--transformer", "fp32, bf16, fp16 or int8. Default: bf16.", int8: true);
        var vae = Precision("--vae", "fp32, bf16 or fp16. Default: fp32.", int8: false);
        var force = new Option<bool>("--force") { Description = "Replace a package of that name; other folders are never replaced." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line on standard output: progress, and the result with the error of every layer." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print errors only." };

        var command = new Command("convert",
            "Make a device package: weights in fewer bytes, laid out block by block for reading them piece by piece, with a hash of each block. It needs little memory, whatever the model's size.")
        { source, destination, textEncoder, transformer, vae, force, json, quiet };
        command.Exclude(json, quiet);
        command.SetAction((parsed, cancellation) =>
        {
            bool machine = parsed.GetValue(json), silent = parsed.GetValue(quiet);
            string from = parsed.GetRequiredValue(source), to = parsed.GetRequiredValue(destination);
            var precision = new PackagePrecision(
                parsed.GetValue(textEncoder) ?? WeightPrecision.Int8, parsed.GetValue(transformer) ?? WeightPrecision.Bf16, parsed.GetValue(vae) ?? WeightPrecision.Fp32);
            return ErrorReport.GuardAsync(host, machine ? new JsonDisplay(host.Output) : new QuietDisplay(), async () =>
            {
                var start = Stopwatch.GetTimestamp();
                var display = new PackageDisplay(host, "converting");
                IProgress<PackageProgress>? progress = machine ? new PackageJsonProgress(host.Output) : silent ? null : display;
                PackageManifest Work() => !Directory.Exists(from) && PulledModel.Known.Contains(from)
                    ? DevicePackage.Convert(PulledModel.Find(from).Published, to, precision, parsed.GetValue(force), progress, cancellation)
                    : DevicePackage.Convert(ModelLocator.Resolve(from), to, precision, parsed.GetValue(force), progress, cancellation);
                var manifest = progress == display ? await display.ShowAsync(Work).ConfigureAwait(false) : Work();
                Report(host, to, manifest, Stopwatch.GetElapsedTime(start), machine, silent);
                return ExitCodes.Success;
            }, cancellation, Cancelled);
        });
        return command;
    }

    private static Option<WeightPrecision?> Precision(string name, string description, bool int8) =>
        OptionParsing.Create<WeightPrecision?>(name, "PRECISION", description, text =>
            WeightPrecisions.TryParse(text, out var precision) && (int8 || precision != WeightPrecision.Int8)
                ? precision
                : throw new FormatException(int8 ? "fp32, bf16, fp16 or int8" : "fp32, bf16 or fp16"));

    private static void Report(CommandHost host, string path, PackageManifest manifest, TimeSpan elapsed, bool machine, bool silent)
    {
        if (machine)
        {
            new JsonLines(host.Output).Write("result", json =>
            {
                json.WriteString("path", path);
                PackageJson.Write(json, "package", manifest);
                json.WriteNumber("seconds", Math.Round(elapsed.TotalSeconds, 3));
            });
            return;
        }

        if (silent)
            return;
        ConversionReport.Write(host.Error, manifest);
        host.Error.WriteLine($"wrote {path}: {ProgressText.Bytes(manifest.Bytes)} in {ProgressText.Duration(elapsed)}");
        host.Output.WriteLine(path);
    }
}
