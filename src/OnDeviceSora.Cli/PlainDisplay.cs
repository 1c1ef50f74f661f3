using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary>Lines for a log: progress to standard error at most once a second, the result's path to standard output.</summary>
internal sealed class PlainDisplay(TextWriter output, TextWriter error) : IGenerationDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private GenerationStage? _stage;
    private TimeSpan _lastLine;

    public Task<T> ShowAsync<T>(Func<Task<T>> work) => work();

    public void Report(GenerationProgress value)
    {
        lock (_lock)
        {
            bool due = value.Stage != _stage || value.Completed >= value.Total || value.Leapt || value.Elapsed - _lastLine >= Interval;
            if (!due)
                return;
            _stage = value.Stage;
            _lastLine = value.Elapsed;
            error.WriteLine(ProgressText.Line(value));
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
