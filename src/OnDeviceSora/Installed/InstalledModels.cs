using OnDeviceSora.Checkpoints;
using OnDeviceSora.Hub;
using OnDeviceSora.Pipeline.Planning;

namespace OnDeviceSora.Installed;

/// <summary>Looks for models on this machine: what <c>sora models</c> lists.</summary>
public static class InstalledModels
{
    private const string Manifest = "manifest.json";

    /// <summary>The models in a folder of models, and those in the hub's cache. Only headers of weights are read.</summary>
    /// <param name="modelsFolder">The folder; see <see cref="ModelsFolder.Default"/>.</param>
    /// <param name="hub">The hub's cache.</param>
    /// <exception cref="InvalidModelException">A folder cannot be read.</exception>
    public static IReadOnlyList<InstalledModel> List(string modelsFolder, HubSettings hub)
    {
        ArgumentNullException.ThrowIfNull(hub);
        var folders = ModelsFolder.Models(modelsFolder).Select(path => Folder(path));
        var pulled = PulledModel.Known.Select(name => PulledModel.Look(name, hub)).OfType<PulledModel>().Select(model => Pulled(model, hub));
        return [.. folders, .. pulled];
    }

    /// <summary>A model folder, whole or not.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="embedded">Whether it is the one that comes with the program.</param>
    public static InstalledModel Folder(string path, bool embedded = false)
    {
        var problems = ModelFolder.MissingParts(path).Select(part => "missing: " + part).ToList();
        var parts = new List<InstalledPart>();
        var config = Path.Combine(path, ModelConfig.FileName);
        foreach (var name in (string[])[ModelFolder.TextEncoderName, ModelFolder.TransformerName, ModelFolder.VaeName])
        {
            if (CheckpointLocation.Named(path, name) is { } location)
                parts.Add(Part(name, location, File.Exists(config) ? config : null, null, problems));
        }

        var memory = problems.Count == 0 ? SmallestMemory(path, problems) : null;
        var kind = embedded ? InstalledKind.Embedded : File.Exists(Path.Combine(path, Manifest)) ? InstalledKind.Package : InstalledKind.Folder;
        return new InstalledModel(Path.GetFileName(Path.TrimEndingDirectorySeparator(path)), kind, path, Bytes(path), parts, problems, memory);
    }

    private static InstalledModel Pulled(PulledModel model, HubSettings hub)
    {
        var problems = model.Missing.Select(file => "missing: " + file).ToList();
        var parts = model.Parts.Select(part => part.Missing.Count > 0
            ? new InstalledPart(part.Name, part.Folder, null, 0, Source(part))
            : Part(part.Name, part.Folder, null, Source(part), problems)).ToList();
        var bytes = model.Parts.SelectMany(part => part.Files).Sum(file => LinkedFile.Length(file) ?? 0);
        return new InstalledModel(model.Name, InstalledKind.Pulled, hub.CacheFolder, bytes, parts, problems);
    }

    private static string Source(PulledPart part) => $"{part.Repository}@{part.Commit}";

    private static InstalledPart Part(string name, string path, string? config, string? source, List<string> problems)
    {
        try
        {
            var inspection = CheckpointInspection.Inspect(path, config);
            if (inspection.Problem is { } problem) problems.Add($"{name}: {problem}");
            if (inspection.Fit is { Missing: { Count: > 0 } missing }) problems.Add($"{name}: {missing.Count} tensors are missing: {Describe.Names(missing, most: 3)}");
            if (inspection.Fit is { Mismatched: [var first, ..] mismatched }) problems.Add($"{name}: {mismatched.Count} tensors do not fit: {Describe.Quote(first.Name)} {first.Problem}");
            var precision = inspection.Tensors.GroupBy(tensor => tensor.ElementType).MaxBy(group => group.Sum(tensor => tensor.ByteLength))?.Key.Name();
            return new InstalledPart(name, inspection.Path, precision, inspection.Bytes, source);
        }
        catch (Exception e) when (e is SoraException)
        {
            problems.Add($"{name}: {e.Message}");
            return new InstalledPart(name, path, null, 0, source);
        }
    }

    private static long? SmallestMemory(string path, List<string> problems)
    {
        try
        {
            return SmallestBudget.Of(path);
        }
        catch (SoraException e)
        {
            problems.Add(e.Message);
            return null;
        }
    }

    private static long Bytes(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => LinkedFile.Length(file) ?? 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException(folder, $"the folder cannot be read: {e.Message}", e);
        }
    }
}
