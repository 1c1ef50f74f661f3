using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Hub;

/// <summary>
/// Sends requests: follows redirects itself, so that the access token goes to the hub alone, and sorts failures into those
/// that may pass (<see cref="TransferInterruptedException"/>) and those that will not (<see cref="DownloadException"/>).
/// </summary>
internal sealed class HubTransport : IDisposable
{
    private const int MaximumRedirects = 10;
    private readonly HubSettings _settings;
    private readonly HttpClient _client;

    /// <param name="settings">The hub.</param>
    /// <param name="stallTimeout">How long an answer may take to begin, or to go on.</param>
    public HubTransport(HubSettings settings, TimeSpan stallTimeout)
    {
        (_settings, StallTimeout) = (settings, stallTimeout);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = stallTimeout,
            Proxy = new LoopbackFreeProxy(HttpClient.DefaultProxy),
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("on-device-sora", typeof(HubTransport).Assembly.GetName().Version?.ToString(3)));
        _client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("identity");
    }

    /// <summary>How long an answer may take to begin, or to go on.</summary>
    public TimeSpan StallTimeout { get; }

    /// <summary>Sends a request and follows its redirects; the body is not read yet.</summary>
    /// <param name="address">Where to begin.</param>
    /// <param name="prepare">Gives each request its method and headers; the token is added here.</param>
    /// <param name="follows">Which redirects to follow; <c>null</c> for all. One that is not followed is the answer.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The successful answer (or the redirect) and the address that gave it.</returns>
    public async Task<(HttpResponseMessage Response, Uri Address)> SendAsync(
        Uri address, Action<HttpRequestMessage> prepare, Func<Uri, Uri, bool>? follows, CancellationToken cancellation)
    {
        var current = address;
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendOnceAsync(current, prepare, cancellation).ConfigureAwait(false);
            if (Target(current, response) is { } target)
            {
                if (follows is not null && !follows(current, target)) return (response, current);
                response.Dispose();
                if (redirects == MaximumRedirects)
                    throw new DownloadException(Shown(address), $"redirected more than {MaximumRedirects} times, last to {Shown(target)}");
                if (target.Scheme is not ("http" or "https") || (current.Scheme == "https" && target.Scheme == "http"))
                    throw new DownloadException(Shown(address), $"redirected to {Shown(target)}, which is less safe; this is refused");
                current = target;
                continue;
            }

            if (response.IsSuccessStatusCode) return (response, current);
            using (response) throw Failure(current, response);
        }
    }

    /// <summary>True when the address is the hub itself, and not a storage server it sends to.</summary>
    public bool IsHub(Uri address) =>
        (address.Scheme, address.IdnHost, address.Port) == (_settings.Endpoint.Scheme, _settings.Endpoint.IdnHost, _settings.Endpoint.Port);

    /// <summary>An address for messages: without its query, which may hold a signature.</summary>
    public static string Shown(Uri address) => Describe.Quote(address.GetLeftPart(UriPartial.Path)).Trim('\'');

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendOnceAsync(Uri address, Action<HttpRequestMessage> prepare, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        prepare(request);
        if (_settings.Token is { } token && IsHub(address)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(StallTimeout);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TransferInterruptedException($"{address.Host} did not answer for {StallTimeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            throw new DownloadException(Shown(address), $"the server's certificate is not trusted: {e.InnerException.Message}", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new TransferInterruptedException($"{address.Host} could not be reached or dropped the connection: {e.Message}", null, e);
        }
    }

    private static Uri? Target(Uri current, HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is { } location && Uri.TryCreate(current, location, out var target)
            ? target
            : null;

    private Exception Failure(Uri address, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (status == 416) return new RangeRefusedException(response.Content.Headers.ContentRange?.Length);
        if (status is 408 or 429 or >= 500) return new TransferInterruptedException($"{address.Host} answers {status} ({Meaning(status)})", RetryAfter(response));
        // What a storage server refuses, it may grant at the fresh address that the hub gives next time.
        if (!IsHub(address)) return new TransferInterruptedException($"the storage server {address.Host} answers {status}");
        var said = response.Headers.TryGetValues("X-Error-Message", out var messages) ? $"; it says {Describe.Quote(string.Join(' ', messages))}" : "";
        return new DownloadException(Shown(address), Refusal(status) + said);
    }

    private string Refusal(int status) => status switch
    {
        401 when _settings.Token is null => "the hub asks for an access token (401), or there is no such repository; set HF_TOKEN",
        401 => "the hub does not accept the access token (401), or there is no such repository; check HF_TOKEN",
        403 when _settings.Token is null => "access is restricted (403): accept the repository's conditions on the hub, then set HF_TOKEN",
        403 => "access is restricted (403): accept the repository's conditions on the hub with the account of HF_TOKEN",
        404 => "not found on the hub (404); check the revision and HF_ENDPOINT",
        _ => string.Create(CultureInfo.InvariantCulture, $"the hub answers {status}"),
    };

    private static string Meaning(int status) => status switch
    {
        408 => "timed out",
        429 => "too many requests",
        _ => "server error",
    };

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - DateTimeOffset.UtcNow,
        _ => null,
    };
}
