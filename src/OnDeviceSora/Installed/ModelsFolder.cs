namespace OnDeviceSora.Installed;

/// <summary>The folder whose subfolders are installed models.</summary>
public static class ModelsFolder
{
    /// <summary>The variable that names the folder above it.</summary>
    public const string Variable = "SORA_HOME";

    /// <summary>
    /// <c>SORA_HOME/models</c>; without that variable <c>on-device-sora/models</c> in the folder for a user's data
    /// (<c>~/.local/share</c>, <c>~/Library/Application Support</c>, <c>%LOCALAPPDATA%</c>). It need not exist.
    /// </summary>
    public static string Default
    {
        get
        {
            var home = Environment.GetEnvironmentVariable(Variable);
            return Path.GetFullPath(Path.Combine(string.IsNullOrWhiteSpace(home)
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "on-device-sora")
                : home, "models"));
        }
    }

    /// <summary>The installed models' folders, by name.</summary>
    /// <exception cref="InvalidModelException">The folder cannot be read.</exception>
    public static IReadOnlyList<string> Models(string folder)
    {
        try
        {
            // Names with a dot in front or .partial behind are work in progress.
            return !Directory.Exists(folder) ? [] : [.. Directory.EnumerateDirectories(folder)
                .Where(path => !Path.GetFileName(path).StartsWith('.') && !path.EndsWith(".partial", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException(folder, $"the folder of installed models cannot be read: {e.Message}", e);
        }
    }
}
