using System.CommandLine;
using System.Globalization;
using OnDeviceSora.Benchmarks;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary><c>sora bench</c>: how fast this machine is, and how long videos would take on it.</summary>
internal static class BenchCommand
{
    public static Command Build(CommandHost host)
    {
        var model = OptionParsing.Text("--model", "MODEL", "Also predict for the model in this folder, or for an installed one of this name (see sora models). Default: SORA_MODEL, or the small model that comes with sora.", "-m");
        var size = RequestOptions.SizeOption("Width and height of the video, multiples of 8. Default: 256x256 for the full-size model, its own for another.");
        var frames = OptionParsing.Whole("--frames", "N", "Frames of the video. Default: 68 for the full-size model, its own for another.", minimum: 1);
        var threads = OptionParsing.Whole("--threads", "N", "Compute threads. Default: all.", minimum: 1);
        var seconds = OptionParsing.Create<double?>("--seconds", "S", "How long to measure each figure; one run in any case. Default: 5.", ParseSeconds);
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output." };

        var command = new Command("bench",
            "Measure this machine, in under 2 minutes: what its arithmetic and memory can do at best, how much of that a matrix product and a pair of full-size transformer blocks reach in each precision, and how long videos would take.")
        { model, size, frames, threads, seconds, json };
        command.SetAction((parsed, cancellation) =>
        {
            bool machine = parsed.GetValue(json);
            IFailureDisplay display = machine ? new JsonLines(host.Output) : new QuietDisplay();
            return ErrorReport.GuardAsync(host, display, () =>
            {
                var defaults = new MachineBenchmarkOptions();
                using var benchmark = new MachineBenchmark(new MachineBenchmarkOptions
                {
                    Threads = parsed.GetValue(threads) ?? defaults.Threads,
                    Model = parsed.GetValue(model) is { } named ? ModelLocator.Resolve(named) : ModelLocator.TryFind(),
                    FigureTime = parsed.GetValue(seconds) is { } chosen ? TimeSpan.FromSeconds(chosen) : defaults.FigureTime,
                    Width = parsed.GetValue(size)?.Width,
                    Height = parsed.GetValue(size)?.Height,
                    Frames = parsed.GetValue(frames),
                });
                Run(host, benchmark, machine, cancellation);
                return Task.FromResult(ExitCodes.Success);
            }, cancellation);
        });
        return command;
    }

    private static void Run(CommandHost host, MachineBenchmark benchmark, bool machine, CancellationToken cancellation)
    {
        var figures = benchmark.Measure(cancellation);
        if (machine)
        {
            var measured = figures.ToList();
            new JsonLines(host.Output).Write(json => BenchJson.Write(json, measured, benchmark.Forecast()));
        }
        else if (host.Interactive)
        {
            BenchText.WriteTables(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(host.Output) }), figures, benchmark.Forecast);
        }
        else
        {
            BenchText.WriteLines(host.Output, figures, benchmark.Forecast);
        }
    }

    private static double? ParseSeconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is > 0 and <= 3600
            ? value
            : throw new FormatException("seconds, more than 0 and at most 3600");
}
