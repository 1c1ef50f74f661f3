namespace OnDeviceSora.Tests.Pipeline;

/// <summary>Hands every report on at once, on the thread that made it.</summary>
internal sealed class Collector(Action<GenerationProgress> onReport) : IProgress<GenerationProgress>
{
    public void Report(GenerationProgress value) => onReport(value);
}
