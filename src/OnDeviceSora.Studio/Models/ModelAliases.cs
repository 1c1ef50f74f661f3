using System.Text.RegularExpressions;

namespace OnDeviceSora.Studio.Models;

/// <summary>The hosted API's names of models: here each means the installed one.</summary>
internal static partial class ModelAliases
{
    /// <summary>The names without a date.</summary>
    public static IReadOnlyList<string> Names { get; } = ["sora-2", "sora-2-pro"];

    /// <summary>Whether it is one of them, with or without a date.</summary>
    public static bool Means(string name) => Alias().IsMatch(name);

    [GeneratedRegex(@"^sora-2(-pro)?(-\d{4}-\d{2}-\d{2})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Alias();
}
