using System.Net.Http.Headers;

namespace OnDeviceSora.Hub;

/// <summary>The hub's three questions: what a repository holds, what a file is, and its bytes.</summary>
internal sealed class HubClient(HubSettings settings, HubTransport transport, RetryPolicy retry, Action<string>? note = null)
{
    private const int LargestListing = 64 * 1024 * 1024;

    /// <summary>What a repository holds at a revision.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DownloadException">The hub refuses, is not reached, or answers something else.</exception>
    public Task<HubListing> ListAsync(HubRepository repository, string revision, CancellationToken cancellation)
    {
        var address = new Uri(settings.Endpoint, $"api/models/{repository.Name}/revision/{Uri.EscapeDataString(revision)}?blobs=true");
        return new Retries(HubTransport.Shown(address), retry, note).RunAsync(async () =>
        {
            var (response, at) = await transport.SendAsync(address, _ => { }, null, cancellation).ConfigureAwait(false);
            using var body = await HubBody.OpenAsync(response, at, transport.StallTimeout, cancellation).ConfigureAwait(false);
            return HubListing.Parse(HubTransport.Shown(address), await ReadAllAsync(address, body, cancellation).ConfigureAwait(false));
        }, cancellation);
    }

    /// <summary>A file's size and hash: as listed, else as the headers say.</summary>
    /// <exception cref="DownloadException">They are not told, so that the file could not be checked.</exception>
    public async Task<HubFile> DescribeAsync(HubRepository repository, string commit, string path, HubListing.Entry entry, CancellationToken cancellation)
    {
        if (entry is { Size: { } listed, Hash: { } known }) return new HubFile(path, listed, known);
        var address = Address(repository, commit, path);
        return await new Retries(HubTransport.Shown(address), retry, note).RunAsync(async () =>
        {
            // Only the hub's own answer has the headers; the storage server's tags mean something else.
            var (response, _) = await transport.SendAsync(address, request => request.Method = HttpMethod.Head,
                (from, to) => transport.IsHub(to), cancellation).ConfigureAwait(false);
            using (response)
            {
                var size = long.TryParse(Header(response, "X-Linked-Size"), out var linked) ? linked : response.Content.Headers.ContentLength;
                var hash = ContentHash.Parse((Header(response, "X-Linked-ETag") ?? response.Headers.ETag?.Tag)?.Trim('"'));
                return size is { } bytes and >= 0 && hash is not null
                    ? new HubFile(path, bytes, hash)
                    : throw new DownloadException(HubTransport.Shown(address), "the hub tells neither in its listing nor in its headers the file's size and hash; it could not be checked and is not fetched");
            }
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>The hub's address of a file.</summary>
    public Uri Address(HubRepository repository, string commit, string path) =>
        new(settings.Endpoint, $"{repository.Name}/resolve/{commit}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>Asks for a file's bytes.</summary>
    /// <param name="address">The file.</param>
    /// <param name="range">The bytes; <c>null</c> for the whole file.</param>
    /// <param name="tag">The tag the file must still have; <c>null</c> for any.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<HubBody> OpenAsync(Uri address, ByteRange? range, string? tag, CancellationToken cancellation)
    {
        var (response, at) = await transport.SendAsync(address, request =>
        {
            if (range is not { } bytes) return;
            request.Headers.Range = new RangeHeaderValue(bytes.Start, bytes.End - 1);
            if (tag is not null) request.Headers.IfRange = new RangeConditionHeaderValue(tag);
        }, null, cancellation).ConfigureAwait(false);
        return await HubBody.OpenAsync(response, at, transport.StallTimeout, cancellation).ConfigureAwait(false);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Uri address, HubBody body, CancellationToken cancellation)
    {
        using var all = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await body.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            if (all.Length + read > LargestListing)
                throw new DownloadException(HubTransport.Shown(address), $"the listing is larger than {LargestListing} bytes");
            all.Write(buffer, 0, read);
        }

        return all.GetBuffer().AsMemory(0, (int)all.Length);
    }
}
