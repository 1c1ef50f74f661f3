using OnDeviceSora.Hub;

namespace OnDeviceSora.Cli;

/// <summary>Lines for a log: progress to standard error, at most one every two seconds; the result to standard output.</summary>
internal sealed class PlainPullDisplay(TextWriter output, TextWriter error) : IPullDisplay
{
    private readonly PullLineGate _gate = new(TimeSpan.FromSeconds(2));

    public Task<T> ShowAsync<T>(Func<Task<T>> work) => work();

    public void Report(PullProgress value) => _gate.Pass(value, () => error.WriteLine($"{PullText.File(value)}; {PullText.Total(value)}"));

    public void Note(string message) => error.WriteLine(message);

    public void Finished(PullResult result, TimeSpan elapsed) => PullText.Write(output, error, result, elapsed);

    public void Failed(int exitCode, string message) { }
}
