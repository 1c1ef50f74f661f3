using System.Globalization;
using OnDeviceSora.Checkpoints;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary>Shows the progress of work on a package: a bar on a terminal, otherwise lines, at most one a second.</summary>
/// <param name="host">Where to show it.</param>
/// <param name="verb">What is done, for example <c>converting</c>.</param>
internal sealed class PackageDisplay(CommandHost host, string verb) : IProgress<PackageProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private ProgressTask? _bar;
    private TimeSpan _lastLine;

    /// <summary>Runs the work while showing its progress.</summary>
    public Task<T> ShowAsync<T>(Func<T> work)
    {
        var console = host.Interactive ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(host.Error) }) : null;
        // A terminal that cannot move its cursor gets lines.
        if (console is not { Profile.Capabilities.Ansi: true })
            return Task.Run(work);
        return console.Progress()
            .Columns(new ProgressBarColumn { Width = 24 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context =>
            {
                _bar = context.AddTask(verb);
                return Task.Run(work);
            });
    }

    public void Report(PackageProgress value)
    {
        if (_bar is { } bar)
        {
            (bar.MaxValue, bar.Value) = (Math.Max(1, value.TotalBytes), value.CompletedBytes);
            bar.Description = Markup.Escape(Line(value));
        }
        else if (value.Elapsed - _lastLine >= Interval)
        {
            _lastLine = value.Elapsed;
            host.Error.WriteLine(Line(value));
        }
    }

    private string Line(PackageProgress value)
    {
        double percent = 100.0 * value.CompletedBytes / Math.Max(1, value.TotalBytes);
        string left = value.Remaining is { } remaining && value.CompletedBytes < value.TotalBytes ? $", {ProgressText.Duration(remaining)} left" : "";
        string item = value.Item.Length > 0 ? " " + value.Item : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{verb} {percent:0}% of {ProgressText.Bytes(value.TotalBytes)}{left}, {value.File}{item}");
    }
}

/// <summary>Progress as one JSON object a line on standard output.</summary>
internal sealed class PackageJsonProgress(TextWriter output) : IProgress<PackageProgress>
{
    private readonly JsonLines _lines = new(output);

    public void Report(PackageProgress value) => _lines.Write("progress", json =>
    {
        json.WriteString("file", value.File);
        json.WriteString("item", value.Item);
        json.WriteNumber("completedBytes", value.CompletedBytes);
        json.WriteNumber("totalBytes", value.TotalBytes);
        json.WriteNumber("elapsed", Math.Round(value.Elapsed.TotalSeconds, 3));
        if (value.Remaining is { } remaining)
            json.WriteNumber("remaining", Math.Round(remaining.TotalSeconds, 3));
    });
}
