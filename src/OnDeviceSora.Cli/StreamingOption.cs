using OnDeviceSora.Streaming;

namespace OnDeviceSora.Cli;

/// <summary>The words for the streaming modes.</summary>
internal static class StreamingOption
{
    private static readonly (string Name, StreamingMode Mode)[] Names =
    [
        ("dynamic", StreamingMode.ConcurrentDynamic), ("concurrent", StreamingMode.Concurrent),
        ("sequential", StreamingMode.Sequential), ("resident", StreamingMode.Resident),
    ];

    public static string NameOf(StreamingMode mode) => Names.First(name => name.Mode == mode).Name;

    public static StreamingMode? Parse(string text) => Names.Where(name => name.Name == text).Select(name => (StreamingMode?)name.Mode).FirstOrDefault()
        ?? throw new FormatException(string.Join(", ", Names[..^1].Select(name => name.Name)) + " or " + Names[^1].Name);
}
