using System.Net;
using Microsoft.AspNetCore.Http;
using OnDeviceSora.Studio.Errors;

namespace OnDeviceSora.Studio.Security;

/// <summary>
/// Keeps web pages of other sites from driving the server with a person's browser: the name under which it was called must be one of its own (or a page
/// could point its own name at this machine), and a call that a page makes must come from its own page.
/// </summary>
internal sealed class CallerChecks(RequestDelegate next, StudioOptions options)
{
    public Task InvokeAsync(HttpContext context)
    {
        CheckHost(context.Request);
        CheckOrigin(context.Request);
        return next(context);
    }

    /// <summary>Where everybody may connect, callers have a key, which no page of another site has.</summary>
    private void CheckHost(HttpRequest request)
    {
        if (!IPAddress.IsLoopback(options.Address)) return;
        var host = request.Host.Host;
        var own = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
        if (!own) throw new ApiException(403, "the server does not answer under this name; call it at 127.0.0.1 or localhost", code: "host_not_allowed");
    }

    private void CheckOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0)
        {
            if (origin == $"{request.Scheme}://{request.Host}" || options.AllowedOrigins.Contains(origin)) return;
        }
        else if (request.Headers["Sec-Fetch-Site"].ToString() is not "cross-site" || IsNavigation(request))
        {
            return;
        }

        throw new ApiException(403, "a web page of another site may not call this server; start it with --allow-origin to allow one", code: "origin_not_allowed");
    }

    /// <summary>A link on another site to the studio is a visit, not an attack.</summary>
    private static bool IsNavigation(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document" && request.Path == "/";
}
