using OnDeviceSora.Hub;

namespace OnDeviceSora.Cli;

/// <summary>Shows a person or a program how a download goes. Reports may come from any thread.</summary>
internal interface IPullDisplay : IProgress<PullProgress>, IFailureDisplay
{
    /// <summary>Runs the work while showing its progress.</summary>
    Task<T> ShowAsync<T>(Func<Task<T>> work);

    /// <summary>Something the person should know.</summary>
    void Note(string message);

    /// <summary>The end of a successful run.</summary>
    void Finished(PullResult result, TimeSpan elapsed);
}

/// <summary>Shows nothing but errors.</summary>
internal sealed class QuietPullDisplay : IPullDisplay
{
    public Task<T> ShowAsync<T>(Func<Task<T>> work) => work();

    public void Report(PullProgress value) { }

    public void Note(string message) { }

    public void Finished(PullResult result, TimeSpan elapsed) { }

    public void Failed(int exitCode, string message) { }
}
