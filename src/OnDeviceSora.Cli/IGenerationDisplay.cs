using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary>Shows a person or a program what a generation does. Reports may come from any thread.</summary>
internal interface IGenerationDisplay : IProgress<GenerationProgress>, IFailureDisplay
{
    /// <summary>Runs the work while showing its progress.</summary>
    Task<T> ShowAsync<T>(Func<Task<T>> work);

    /// <summary>Something the person should know.</summary>
    void Note(string message);

    /// <summary>The end of a successful run.</summary>
    void Finished(GeneratedVideo video, WrittenVideo written, string? latents, TimeSpan elapsed);

    /// <summary>The end of a run that had nothing to do: the video is there already.</summary>
    void AlreadyThere(string video);
}

/// <summary>Shows nothing.</summary>
internal sealed class QuietDisplay : IGenerationDisplay
{
    public Task<T> ShowAsync<T>(Func<Task<T>> work) => work();

    public void Report(GenerationProgress value) { }

    public void Note(string message) { }

    public void Finished(GeneratedVideo video, WrittenVideo written, string? latents, TimeSpan elapsed) { }

    public void AlreadyThere(string video) { }

    public void Failed(int exitCode, string message) { }
}
