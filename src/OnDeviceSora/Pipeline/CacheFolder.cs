namespace OnDeviceSora.Pipeline;

/// <summary>Where things are kept that can be computed again.</summary>
internal static class CacheFolder
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "SORA_CACHE";

    private const string Name = "on-device-sora";

    /// <summary>The folder that <see cref="Variable"/> names, or <c>on-device-sora</c> in the user's; <c>null</c> for a user without one.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return named;
        return OfUser() is { Length: > 0 } folder ? Path.Combine(folder, Name) : null;
    }

    private static string? OfUser()
    {
        if (OperatingSystem.IsWindows()) return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        // A relative XDG path is to be ignored, its specification says.
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg)) return xdg;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (home.Length == 0) return null;
        return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches") : Path.Combine(home, ".cache");
    }
}
