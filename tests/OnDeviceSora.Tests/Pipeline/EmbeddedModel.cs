using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tests.Pipeline;

/// <summary>The model that comes with the project.</summary>
internal static class EmbeddedModel
{
    /// <summary>Its folder in the checkout.</summary>
    public static string Folder => Path.Combine(Checkout, "models", "opensora-tiny");

    /// <summary>The checkout's root.</summary>
    public static string Checkout => Path.GetFullPath(Path.Combine(SourceFolder(), "..", "..", ".."));

    /// <summary>A request that is quick to generate.</summary>
    public static VideoRequest Small { get; } = new() { Prompt = "a big red circle moving left over the sea", Frames = 17, Steps = 4, Width = 32, Height = 32 };

    private static string SourceFolder([CallerFilePath] string source = "") => Path.GetDirectoryName(source)!;
}
