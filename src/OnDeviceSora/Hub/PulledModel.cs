using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Hub;

/// <summary>A part of a model in the hub's cache.</summary>
/// <param name="Name"><c>transformer</c>, <c>vae</c> or <c>text_encoder</c>.</param>
/// <param name="Repository">The repository it is from.</param>
/// <param name="Commit">The commit that was fetched.</param>
/// <param name="Snapshot">The folder of that commit's files.</param>
/// <param name="Folder">The folder with <c>config.json</c> and the weights: the snapshot, or a folder in it.</param>
/// <param name="Files">The part's files that are there, with their full paths; links into the cache, mostly.</param>
/// <param name="Missing">What is not there, as paths in the repository; empty when the part is complete.</param>
public sealed record PulledPart(
    string Name, string Repository, string Commit, string Snapshot, string Folder, IReadOnlyList<string> Files, IReadOnlyList<string> Missing);

/// <summary>A model's parts as <c>sora pull</c> left them in the hub's cache: what a conversion starts from.</summary>
/// <param name="Name">The model, for example <c>opensora-v1.2</c>.</param>
/// <param name="Parts">Those of its parts of which anything is there.</param>
/// <param name="Missing">What is not there, as repositories and paths in them; empty when the model is complete.</param>
public sealed record PulledModel(string Name, IReadOnlyList<PulledPart> Parts, IReadOnlyList<string> Missing)
{
    /// <summary>Whether everything is there.</summary>
    public bool IsComplete => Missing.Count == 0;

    /// <summary>The STDiT3 transformer.</summary>
    public PulledPart Transformer => Part("transformer");

    /// <summary>The video autoencoder.</summary>
    public PulledPart Vae => Part("vae");

    /// <summary>The T5 encoder.</summary>
    public PulledPart TextEncoder => Part("text_encoder");

    /// <summary>The tokenizer's file, <c>spiece.model</c>.</summary>
    public string TokenizerPath => Path.Combine(TextEncoder.Snapshot, Path.Combine(PublishedModel.Tokenizer.Split('/')));

    /// <summary>The parts as a conversion takes them.</summary>
    public PublishedParts Published => new(Transformer.Snapshot, Vae.Snapshot, TextEncoder.Snapshot, Parts.ToDictionary(part => part.Repository, part => part.Commit));

    /// <summary>The models that can be pulled, by name.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. PublishedModel.All.Select(model => model.Name)];

    /// <summary>Finds a pulled model that is complete.</summary>
    /// <param name="name">The model, for example <c>opensora-v1.2</c>.</param>
    /// <param name="hub">The cache to look in; <c>null</c> for the one the environment names.</param>
    /// <exception cref="InvalidRequestException">There is no model of this name.</exception>
    /// <exception cref="InvalidModelException">It has not been pulled, or not completely.</exception>
    public static PulledModel Find(string name, HubSettings? hub = null)
    {
        hub ??= HubSettings.FromEnvironment();
        var model = Look(name, hub) ?? throw new InvalidModelException(name, $"it is not in {hub.CacheFolder}; fetch it with: sora pull {name}");
        return model.IsComplete ? model : throw new InvalidModelException(name, $"it is not complete in {hub.CacheFolder}; missing: {string.Join(", ", model.Missing)}; fetch the rest with: sora pull {name}");
    }

    /// <summary>Finds what there is of a pulled model, complete or not; <c>null</c> when there is nothing.</summary>
    /// <param name="name">The model.</param>
    /// <param name="hub">The cache to look in; <c>null</c> for the one the environment names.</param>
    /// <exception cref="InvalidRequestException">There is no model of this name.</exception>
    public static PulledModel? Look(string name, HubSettings? hub = null)
    {
        var cache = (hub ?? HubSettings.FromEnvironment()).CacheFolder;
        var model = PublishedModel.Named(name);
        List<PulledPart> parts = [];
        List<string> missing = [];
        foreach (var published in model.Parts)
        {
            if (Newest(cache, published) is not { } part)
            {
                missing.Add(published.Repository.Name);
                continue;
            }

            parts.Add(part);
            missing.AddRange(part.Missing.Select(file => $"{part.Repository}/{file}"));
        }

        return parts.Count == 0 ? null : new PulledModel(name, parts, missing);
    }

    /// <summary>The part at the commit that was used last; a complete one goes before an incomplete one.</summary>
    private static PulledPart? Newest(string cache, PublishedPart part)
    {
        try
        {
            var there = new RepositoryCache(cache, part.Repository).Snapshots().Select(snapshot => Read(part, snapshot)).ToList();
            return there.Find(found => found.Missing.Count == 0) ?? there.FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException(Path.Combine(cache, part.Repository.FolderName), $"it cannot be read: {e.Message}", e);
        }
    }

    private static PulledPart Read(PublishedPart part, string snapshot)
    {
        // A link whose blob is gone is no file.
        var paths = Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories)
            .Where(path => LinkedFile.Length(path) is not null)
            .Select(path => Path.GetRelativePath(snapshot, path).Replace(Path.DirectorySeparatorChar, '/'));
        var selection = FileSelection.Choose(part, paths);
        return new PulledPart(part.Name, part.Repository.Name, Path.GetFileName(snapshot), snapshot,
            Path.TrimEndingDirectorySeparator(Path.Combine(snapshot, part.Folder.TrimEnd('/'))),
            [.. selection.Files.Select(file => Path.Combine(snapshot, Path.Combine(file.Split('/'))))], selection.Missing);
    }

    private PulledPart Part(string name) =>
        Parts.FirstOrDefault(part => part.Name == name) ?? throw new InvalidModelException(Name, $"the {name} has not been pulled; fetch it with: sora pull {Name}");
}
