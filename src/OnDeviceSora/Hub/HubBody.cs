namespace OnDeviceSora.Hub;

/// <summary>The body of an answer, read with a limit on how long it may stand still.</summary>
internal sealed class HubBody : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly Stream _stream;
    private readonly TimeSpan _stallTimeout;

    private HubBody(HttpResponseMessage response, Stream stream, Uri address, TimeSpan stallTimeout) =>
        (_response, _stream, Address, _stallTimeout) = (response, stream, address, stallTimeout);

    /// <summary>The address that sends the bytes: the hub, or a storage server.</summary>
    public Uri Address { get; }

    /// <summary>The bytes that are sent, when announced.</summary>
    public long? Length => _response.Content.Headers.ContentLength;

    /// <summary>The tag that changes when the server's file does; <c>null</c> when there is none that ranges can rely on.</summary>
    public string? StrongTag => _response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : null;

    /// <summary>Which bytes these are and of how many; <c>null</c> when it is the whole file.</summary>
    public (long Start, long? Size)? Range =>
        _response.StatusCode != System.Net.HttpStatusCode.PartialContent ? null
        : _response.Content.Headers.ContentRange is { From: { } from } range ? (from, range.Length)
        : throw new TransferInterruptedException($"{Address.Host} answered with a part of the file without saying which (Content-Range)");

    public static async Task<HubBody> OpenAsync(HttpResponseMessage response, Uri address, TimeSpan stallTimeout, CancellationToken cancellation)
    {
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            return new HubBody(response, stream, address, stallTimeout);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Reads some bytes; 0 at the end.</summary>
    /// <exception cref="TransferInterruptedException">The connection broke, or nothing came for too long.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_stallTimeout);
        try
        {
            return await _stream.ReadAsync(buffer, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TransferInterruptedException($"{Address.Host} sent nothing for {_stallTimeout.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new TransferInterruptedException($"the connection to {Address.Host} broke: {e.Message}", null, e);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _response.Dispose();
    }
}
