using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OnDeviceSora.Tests.Goldens;

/// <summary>A folder of goldens: every <c>*.json</c> below it is a case, told apart by its <c>kind</c> alone.</summary>
internal static class GoldenFolder
{
    /// <summary>The folder to run: <c>SORA_GOLDENS</c>, or the checkout's own.</summary>
    public static string Default =>
        Environment.GetEnvironmentVariable("SORA_GOLDENS") is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.GetFullPath(Path.Combine(SourceFolder(), "..", "..", "Goldens"));

    /// <summary>All cases below a folder, in the order of their names: path relative to the folder, and kind.</summary>
    public static IReadOnlyList<(string File, string Kind)> Discover(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(folder, path).Replace('\\', '/'), KindOf(path)))
            .OrderBy(found => found.Item1, StringComparer.Ordinal),
    ];

    /// <summary>The kind a file states. A file that states none, or is no JSON, gets words that are no kind, so that its case fails.</summary>
    private static string KindOf(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("kind", out var kind)
                ? kind.GetString() ?? "(no kind)"
                : "(no kind)";
        }
        catch (JsonException)
        {
            return "(not JSON)";
        }
    }

    private static string SourceFolder([CallerFilePath] string source = "") => Path.GetDirectoryName(source)!;
}
