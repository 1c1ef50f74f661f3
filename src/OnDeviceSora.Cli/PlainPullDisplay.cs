using OnDeviceSora.Hub;

namespace OnDeviceSora.Cli;

/// <summary>Lines for a log: progress to standard error, at most one every two seconds; the result to standard output.</summary>
internal sealed class PlainPullDisplay(TextWriter output, TextWriter error) : IPullDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private string _file = "";
    private TimeSpan _lastLine;

    public Task<T> ShowAsync<T>(Func<Task<T>> work) => work();

    public void Report(PullProgress value)
    {
        lock (_lock)
        {
            if (value.File == _file && value.FileCompleted < value.FileTotal && value.Elapsed - _lastLine < Interval)
                return;
            (_file, _lastLine) = (value.File, value.Elapsed);
            error.WriteLine($"{PullText.File(value)}; {PullText.Total(value)}");
        }
    }

    public void Note(string message) => error.WriteLine(message);

    public void Finished(PullResult result, TimeSpan elapsed) => PullText.Write(output, error, result, elapsed);

    public void Failed(int exitCode, string message) { }
}
