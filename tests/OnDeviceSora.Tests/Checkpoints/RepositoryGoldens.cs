using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tests.Checkpoints;

/// <summary>The project's own goldens, found from this source file.</summary>
internal static class RepositoryGoldens
{
    public static string Folder { get; } = Path.Combine(SourceFolder(), "..", "..", "Goldens");

    public static string File(params string[] parts) => Path.Combine([Folder, .. parts]);

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
