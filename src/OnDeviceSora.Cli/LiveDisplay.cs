using OnDeviceSora.Media;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary>Bars on a terminal: a line a stage with count, time left, memory and similarity.</summary>
internal sealed class LiveDisplay(IAnsiConsole console, TextWriter output, TextWriter error) : IGenerationDisplay
{
    private readonly Lock _lock = new();
    private readonly Dictionary<GenerationStage, ProgressTask> _bars = [];
    private ProgressContext? _context;

    public Task<T> ShowAsync<T>(Func<Task<T>> work) =>
        console.Progress()
            .HideCompleted(false)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 })
            .StartAsync(async context =>
            {
                _context = context;
                return await work().ConfigureAwait(false);
            });

    public void Report(GenerationProgress value)
    {
        lock (_lock)
        {
            if (_context is null)
                return;
            if (!_bars.TryGetValue(value.Stage, out var bar))
                _bars[value.Stage] = bar = _context.AddTask(ProgressText.Stage(value.Stage));
            bar.MaxValue = value.Total;
            // A leap ends the stage: its bar is full though not every step was computed.
            bar.Value = value.Leapt ? value.Total : value.Completed;
            bar.Description = Markup.Escape(ProgressText.Line(value));
        }
    }

    public void Note(string message) => error.WriteLine(message);

    public void Finished(GeneratedVideo video, WrittenVideo written, string? latents, TimeSpan elapsed)
    {
        error.WriteLine(ProgressText.Summary(video, written, elapsed));
        output.WriteLine(written.Path);
    }

    public void AlreadyThere(string video)
    {
        error.WriteLine($"complete already: {video}");
        output.WriteLine(video);
    }

    public void Failed(int exitCode, string message) { }
}
