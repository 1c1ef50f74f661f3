namespace OnDeviceSora.Cli;

/// <summary>What a command sees of the world around it.</summary>
/// <param name="Output">Standard output: results.</param>
/// <param name="Error">Standard error: progress, notes and errors.</param>
/// <param name="Interactive">True when a person watches both on a terminal.</param>
/// <param name="Open">Opens a model.</param>
internal sealed record CommandHost(
    TextWriter Output, TextWriter Error, bool Interactive, Func<string, PipelineOptions, IVideoGenerator> Open)
{
    /// <summary>The process's own streams and the real pipeline.</summary>
    public static CommandHost Real { get; } = new(
        new ConsoleStream(Console.Out, "standard output"), new ConsoleStream(Console.Error, null), !Console.IsOutputRedirected && !Console.IsErrorRedirected, PipelineGenerator.Open);
}
