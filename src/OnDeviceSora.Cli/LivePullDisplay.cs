using OnDeviceSora.Hub;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary>Bars on a terminal: one of all files, one of the file that is fetched.</summary>
internal sealed class LivePullDisplay(IAnsiConsole console, TextWriter output, TextWriter error) : IPullDisplay
{
    private readonly Lock _lock = new();
    private ProgressTask? _all, _file;

    public Task<T> ShowAsync<T>(Func<Task<T>> work) =>
        console.Progress()
            .HideCompleted(false)
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = 24 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async context =>
            {
                lock (_lock)
                    (_all, _file) = (context.AddTask("asking the hub"), context.AddTask(""));
                return await work().ConfigureAwait(false);
            });

    public void Report(PullProgress value)
    {
        lock (_lock)
        {
            Set(_all, value.Completed, value.Total, PullText.Total(value));
            Set(_file, value.FileCompleted, value.FileTotal, PullText.File(value));
        }
    }

    public void Note(string message) => console.MarkupLineInterpolated($"{message}");

    public void Finished(PullResult result, TimeSpan elapsed) => PullText.Write(output, error, result, elapsed);

    public void Failed(int exitCode, string message) { }

    private static void Set(ProgressTask? bar, long completed, long total, string description)
    {
        if (bar is null)
            return;
        bar.MaxValue = Math.Max(1, total);
        bar.Value = total == 0 ? 1 : completed;
        bar.Description = Markup.Escape(description);
    }
}
