using System.Runtime.CompilerServices;

namespace OnDeviceSora.Studio.Tests;

/// <summary>The model that comes with the project.</summary>
internal static class EmbeddedModel
{
    /// <summary>The checkout's root.</summary>
    public static string Checkout { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    /// <summary>Its folder in the checkout.</summary>
    public static string Folder { get; } = Path.Combine(Checkout, "models", "opensora-tiny");

    private static string SourceFolder([CallerFilePath] string source = "") => Path.GetDirectoryName(source)!;
}
