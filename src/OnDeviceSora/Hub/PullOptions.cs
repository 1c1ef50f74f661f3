using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Hub;

/// <summary>How to fetch a model.</summary>
public sealed record PullOptions
{
    /// <summary>The hub and the cache. Default: as the environment says.</summary>
    public HubSettings? Hub { get; init; }

    /// <summary>The branch or tag to fetch, of every repository that <see cref="Revisions"/> does not name. Default: <c>main</c>.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>Branches, tags or commits of single parts: <c>transformer</c>, <c>vae</c>, <c>text_encoder</c>.</summary>
    public IReadOnlyDictionary<string, string> Revisions { get; init; } = new Dictionary<string, string>();

    /// <summary>Parts of a file that are fetched at once, 1 to 64. Default: 4.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>How long a server may send nothing before the connection is given up. Default: 30 seconds.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Also hashes the files that are already there; wrong ones are fetched again. Default: off, they were hashed when they arrived.</summary>
    public bool Verify { get; init; }

    /// <summary>Told how far it is, a few times a second, from any thread.</summary>
    public IProgress<PullProgress>? Progress { get; init; }

    /// <summary>Told what a person should know: waits, files begun anew. From any thread.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>How often to try again.</summary>
    internal RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    /// <summary>Bytes free in a folder.</summary>
    internal Func<string, long?> FreeSpace { get; init; } = Checkpoints.DiskSpace.Available;

    /// <summary>The revision of a part.</summary>
    internal string RevisionOf(PublishedPart part) => Revisions.TryGetValue(part.Name, out var own) ? own : Revision;

    /// <exception cref="InvalidRequestException">An option has a value that cannot be honoured.</exception>
    internal void Check(PublishedModel model)
    {
        if (Connections is < 1 or > 64) throw new InvalidRequestException(nameof(Connections), "the number of connections must be 1 to 64");
        if (StallTimeout <= TimeSpan.Zero) throw new InvalidRequestException(nameof(StallTimeout), "the time limit must be more than 0");
        foreach (var part in Revisions.Keys.Where(name => model.Parts.All(part => part.Name != name)))
            throw new InvalidRequestException(nameof(Revisions), $"{model.Name} has no part {Checkpoints.Describe.Quote(part)}; its parts are {string.Join(", ", model.Parts.Select(known => known.Name))}");
        foreach (var revision in Revisions.Values.Append(Revision).Where(revision => !HubListing.IsInside(revision) || revision.Length > 200))
            throw new InvalidRequestException(nameof(Revision), $"{Checkpoints.Describe.Quote(revision)} cannot be a branch, tag or commit");
    }
}
