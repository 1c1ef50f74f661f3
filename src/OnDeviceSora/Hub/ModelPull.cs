using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Hub;

/// <summary>What a pull did.</summary>
/// <param name="Model">Where the parts are.</param>
/// <param name="FetchedBytes">Bytes that came over the network.</param>
/// <param name="TotalBytes">Bytes of the model's files.</param>
public sealed record PullResult(PulledModel Model, long FetchedBytes, long TotalBytes);

/// <summary>
/// Fetches a published model from a hub into the cache that the hub's tools share. It may be killed at any moment and run
/// again: what arrived is not fetched twice, and nothing has its final name before its hash was checked.
/// </summary>
public sealed class ModelPull
{
    private readonly PublishedModel _model;
    private readonly PullOptions _options;
    private readonly HubSettings _hub;

    private ModelPull(PublishedModel model, PullOptions options, HubSettings hub) => (_model, _options, _hub) = (model, options, hub);

    /// <summary>Fetches what is missing of a model.</summary>
    /// <param name="name">The model; see <see cref="PulledModel.Known"/>.</param>
    /// <param name="options">How; <c>null</c> for the defaults.</param>
    /// <param name="cancellation">Stops it; what arrived is kept.</param>
    /// <exception cref="InvalidRequestException">There is no such model, or an option cannot be honoured.</exception>
    /// <exception cref="DownloadException">The hub refuses, fails too often, or sends wrong bytes.</exception>
    /// <exception cref="OutputException">The disk has no room, or the cache is not writable.</exception>
    public static async Task<PullResult> RunAsync(string name, PullOptions? options = null, CancellationToken cancellation = default)
    {
        var model = PublishedModel.Named(name);
        options ??= new PullOptions();
        options.Check(model);
        var pull = new ModelPull(model, options, options.Hub ?? HubSettings.FromEnvironment());
        return await pull.RunAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<PullResult> RunAsync(CancellationToken cancellation)
    {
        using var transport = new HubTransport(_hub, _options.StallTimeout);
        var client = new HubClient(_hub, transport, _options.Retry, _options.Note);
        var sources = new List<Source>();
        foreach (var part in _model.Parts)
            sources.Add(await AskAsync(client, part, cancellation).ConfigureAwait(false));

        try
        {
            Directory.CreateDirectory(_hub.CacheFolder);
            if (_options.Verify)
            {
                foreach (var source in sources) await RemoveWrongAsync(source, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (OutputErrors.IsFileError(e))
        {
            throw OutputErrors.Describe(_hub.CacheFolder, e);
        }

        DiskSpace.Require(_hub.CacheFolder, sources.Sum(source => source.MissingBytes), "make room, or name another folder with HF_HOME or HF_HUB_CACHE", _options.FreeSpace);
        var monitor = new PullMonitor(_options.Progress, _options.Note, sources.Sum(source => source.Files.Sum(file => file.Size)));
        var context = new TransferContext(client, _options.Connections, _options.Retry, monitor);
        foreach (var source in sources)
        {
            foreach (var file in source.Files)
                await new FileDownload(context, source.Cache, source.Part.Repository, source.Commit, file).RunAsync(cancellation).ConfigureAwait(false);
            Refer(source);
        }

        return new PullResult(PulledModel.Find(_model.Name, _hub), monitor.Fetched, sources.Sum(source => source.Files.Sum(file => file.Size)));
    }

    private async Task<Source> AskAsync(HubClient client, PublishedPart part, CancellationToken cancellation)
    {
        var revision = _options.RevisionOf(part);
        var listing = await client.ListAsync(part.Repository, revision, cancellation).ConfigureAwait(false);
        var selection = FileSelection.Choose(part, listing.Entries.Keys);
        if (selection.Missing.Count > 0)
            throw new DownloadException($"{part.Repository} at {Describe.Quote(revision)}", $"the repository lacks {string.Join(", ", selection.Missing)}; only .safetensors weights can be used");

        var files = new List<HubFile>();
        foreach (var path in selection.Files)
            files.Add(await client.DescribeAsync(part.Repository, listing.Commit, path, listing.Entries[path], cancellation).ConfigureAwait(false));
        return new Source(part, revision, listing.Commit, files, new RepositoryCache(_hub.CacheFolder, part.Repository));
    }

    /// <summary>Hashes the files that are there, and removes those that are not what they should be.</summary>
    private async Task RemoveWrongAsync(Source source, CancellationToken cancellation)
    {
        foreach (var file in source.Files.Where(file => source.Cache.Has(file, source.Commit)))
        {
            var stored = source.Cache.Stored(file, source.Commit);
            if (await file.Hash.ComputeAsync(stored, null, cancellation).ConfigureAwait(false) == file.Hash.Hex) continue;
            _options.Note?.Invoke($"{source.Part.Repository}/{file.Path}: the file in the cache is damaged; fetching it again");
            File.Delete(stored);
        }
    }

    private static void Refer(Source source)
    {
        try
        {
            source.Cache.Refer(source.Revision, source.Commit);
        }
        catch (Exception e) when (OutputErrors.IsFileError(e))
        {
            throw OutputErrors.Describe(source.Cache.Folder, e);
        }
    }

    /// <summary>A part, and the files of it that the hub has at the commit.</summary>
    private sealed record Source(PublishedPart Part, string Revision, string Commit, IReadOnlyList<HubFile> Files, RepositoryCache Cache)
    {
        /// <summary>Bytes that neither the cache nor an unfinished file holds.</summary>
        public long MissingBytes => Files
            .Where(file => !Cache.Has(file, Commit))
            .Sum(file => Math.Max(0, file.Size - PartJournal.ArrivedBytes(Cache.Journal(file), Cache.Incomplete(file))));
    }
}
