using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OnDeviceSora.Tests.Text;

/// <summary>Where the tests of this folder find their files.</summary>
internal static class TextFiles
{
    /// <summary>The checkout, found from where this source file was compiled.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The folder of goldens: <c>SORA_GOLDENS</c>, or the checkout's own.</summary>
    public static string Goldens =>
        Environment.GetEnvironmentVariable("SORA_GOLDENS") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Repository, "tests", "Goldens");

    /// <summary>Reads a golden file as JSON.</summary>
    public static JsonElement ReadJson(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    /// <summary>The real 32,000-piece model of T5, which is not part of the project; null when it is nowhere near.</summary>
    public static string? FindT5Model(string goldenFolder)
    {
        string beside = Path.GetFullPath(Path.Combine(Repository, "..", "shared", "goldens", "t5_tokenizer", "spiece.model"));
        return new[] { Path.Combine(goldenFolder, "spiece.model"), beside }.FirstOrDefault(File.Exists);
    }

    private static string FindRepository([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", ".."));
}
