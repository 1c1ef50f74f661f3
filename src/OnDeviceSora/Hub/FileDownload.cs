using System.Collections.Concurrent;

namespace OnDeviceSora.Hub;

/// <summary>What concerns every file of a download.</summary>
/// <param name="Client">The hub.</param>
/// <param name="Connections">Parts of a file fetched at once, 1 or more.</param>
/// <param name="Retry">How often to try again.</param>
/// <param name="Monitor">Told what happens.</param>
internal sealed record TransferContext(HubClient Client, int Connections, RetryPolicy Retry, PullMonitor Monitor);

/// <summary>
/// Fetches one file into the cache: in parts, resumed where an earlier process stopped, checked before it gets its name.
/// Nothing that was not checked is ever found under a final name, whenever the process dies.
/// </summary>
internal sealed class FileDownload(TransferContext context, RepositoryCache cache, HubRepository repository, string commit, HubFile file)
{
    private const long SmallestPart = 1 << 20, LargestPart = 16 << 20;
    private readonly string _incomplete = cache.Incomplete(file), _journal = cache.Journal(file);

    /// <summary>Fetches the file unless it is there, and makes it appear in its snapshot.</summary>
    /// <exception cref="DownloadException">The server failed too often, or sent wrong bytes twice.</exception>
    /// <exception cref="OutputException">The disk is full or not writable; what arrived is kept.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        context.Monitor.Begin(repository, file);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_incomplete)!);
            using (await CacheLock.TakeAsync(cache.LockFile(file), Waiting, cancellation).ConfigureAwait(false))
            {
                if (!cache.Has(file, commit)) await FetchAsync(cancellation).ConfigureAwait(false);
                cache.Link(file, commit);
            }
        }
        catch (Exception e) when (OutputErrors.IsFileError(e))
        {
            throw OutputErrors.Describe(cache.Blob(file), e);
        }

        context.Monitor.Done(file);

        void Waiting() => context.Monitor.Note($"{file.Path}: another program is fetching it; waiting");
    }

    private async Task FetchAsync(CancellationToken cancellation)
    {
        // Each of the two may happen once, and the file is begun anew; the second time it is the server's fault.
        bool refused = false, mismatched = false;
        while (true)
        {
            try
            {
                await TransferAsync(cancellation).ConfigureAwait(false);
            }
            catch (RangeRefusedException e)
            {
                Discard();
                if (refused) throw new DownloadException(Name, $"the server refuses ranges as if its file were shorter than the {file.Size} bytes that the hub's listing says (416), also after beginning anew", e);
                refused = true;
                continue;
            }

            var actual = await HashAsync(cancellation).ConfigureAwait(false);
            if (actual == file.Hash.Hex) break;
            Discard();
            if (mismatched) throw new DownloadException(Name, $"the server sent wrong bytes twice: their {file.Hash.Algorithm} is {actual}, it must be {file.Hash.Hex}; nothing of it was kept. If HF_ENDPOINT is a mirror, try another");
            mismatched = true;
            context.Monitor.Note($"{Name}: wrong bytes arrived (their hash is not the file's); fetching it again");
        }

        File.Move(_incomplete, cache.Blob(file), overwrite: true);
        File.Delete(_journal);
    }

    private string Name => $"{repository}/{file.Path}";

    private Task<string> HashAsync(CancellationToken cancellation) =>
        file.Hash.ComputeAsync(_incomplete, context.Monitor.Checked, cancellation);

    private async Task TransferAsync(CancellationToken cancellation)
    {
        using var journal = PartJournal.Open(_journal, _incomplete);
        using var target = File.OpenHandle(_incomplete, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, FileOptions.Asynchronous);
        if (RandomAccess.GetLength(target) > file.Size) RandomAccess.SetLength(target, file.Size);
        context.Monitor.Resume(journal.Arrived.Length);

        var location = new DownloadLocation(context.Client.Address(repository, commit, file.Path));
        var parts = new PartDownload(context.Client, location, file, target, journal,
            () => new Retries(Name, context.Retry, context.Monitor.Note), context.Monitor.Arrived);
        try
        {
            await TransferPartsAsync(parts, [.. journal.Arrived.Missing(file.Size, PartBytes)], cancellation).ConfigureAwait(false);
        }
        catch (RangesIgnoredException)
        {
            context.Monitor.Note($"{Name}: the server does not send parts of files; fetching it in one piece");
            context.Monitor.Resume(0);
            await parts.RunWholeAsync(cancellation).ConfigureAwait(false);
        }
    }

    private long PartBytes => Math.Clamp(file.Size / (4 * context.Connections), SmallestPart, LargestPart);

    private async Task TransferPartsAsync(PartDownload download, IReadOnlyCollection<ByteRange> missing, CancellationToken cancellation)
    {
        var queue = new ConcurrentQueue<ByteRange>(missing);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Exception? failure = null;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(context.Connections, missing.Count)).Select(_ => WorkAsync())).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);

        async Task WorkAsync()
        {
            try
            {
                while (queue.TryDequeue(out var part)) await download.RunAsync(part, stop.Token).ConfigureAwait(false);
            }
            // The first failure counts and ends the others, which then fail because of it.
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                await stop.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private void Discard()
    {
        File.Delete(_incomplete);
        File.Delete(_journal);
    }
}
