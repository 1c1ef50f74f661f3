namespace OnDeviceSora.Cli;

/// <summary>Finds the model to use when none is named.</summary>
internal static class ModelLocator
{
    /// <summary>The environment variable that names the model folder.</summary>
    public const string Variable = "SORA_MODEL";

    private static readonly string Embedded = Path.Combine("models", "opensora-tiny");

    /// <summary>
    /// <see cref="Variable"/>; else <c>models/opensora-tiny</c> in the program's folder, in the current folder, or in a
    /// folder above either.
    /// </summary>
    /// <exception cref="InvalidModelException">There is none.</exception>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return named;
        return Upwards(AppContext.BaseDirectory).Concat(Upwards(Directory.GetCurrentDirectory()))
            .Select(folder => Path.Combine(folder, Embedded))
            .FirstOrDefault(Directory.Exists)
            ?? throw new InvalidModelException(Embedded, $"the small model was not found in or above {AppContext.BaseDirectory} and {Directory.GetCurrentDirectory()}; name a model with --model or {Variable}");
    }

    private static IEnumerable<string> Upwards(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            yield return folder.FullName;
    }
}
