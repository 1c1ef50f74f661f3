using OnDeviceSora.Hub;
using OnDeviceSora.Installed;

namespace OnDeviceSora.Cli;

/// <summary>Finds the model to use: the one that is named by a path or an installed name, or the default.</summary>
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
    public static string Find() => TryFind() ?? throw new InvalidModelException(Embedded, $"the small model was not found in or above {AppContext.BaseDirectory} and {Directory.GetCurrentDirectory()}; name a model with --model or {Variable}");

    /// <summary>The same; <c>null</c> when there is none.</summary>
    public static string? TryFind() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? Resolve(named) : FindEmbedded();

    /// <summary>The small model that comes with the program; <c>null</c> when it is not here.</summary>
    public static string? FindEmbedded() =>
        Upwards(AppContext.BaseDirectory).Concat(Upwards(Directory.GetCurrentDirectory()))
            .Select(folder => Path.Combine(folder, Embedded))
            .FirstOrDefault(Directory.Exists);

    /// <summary>
    /// The model that a person named: a path that exists, else an installed name (see <c>sora models</c>), else the text as it
    /// is, so that opening it says what is wrong.
    /// </summary>
    /// <exception cref="InvalidModelException">It has been pulled but not converted, so that it cannot run.</exception>
    public static string Resolve(string named)
    {
        if (Path.Exists(named) || named.AsSpan().ContainsAny('/', '\\'))
            return named;
        if (ModelsFolder.Models(ModelsFolder.Default).FirstOrDefault(path => Path.GetFileName(path) == named) is { } installed)
            return installed;
        if (named == Path.GetFileName(Embedded) && FindEmbedded() is { } embedded)
            return embedded;
        if (PulledModel.Known.Contains(named))
        {
            _ = PulledModel.Find(named);
            throw new InvalidModelException(named, $"it has been pulled but cannot run as it is; convert it first: {PullText.Next(named)}");
        }

        return named;
    }

    private static IEnumerable<string> Upwards(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            yield return folder.FullName;
    }
}
