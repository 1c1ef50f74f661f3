using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Videos;

namespace OnDeviceSora.Studio.Security;

/// <summary>The page's session: the key in exchange for a cookie.</summary>
internal static class SessionEndpoints
{
    public const string Cookie = "sora_session";

    public static void Map(IEndpointRouteBuilder server)
    {
        server.MapGet("/studio/session", (HttpContext context, ApiKey key, Sessions sessions) => new SessionState(key.IsRequired, !key.IsRequired || sessions.Contains(context.Request.Cookies[Cookie] ?? "")))
            .ExcludeFromDescription();
        server.MapPost("/studio/session", BeginAsync).ExcludeFromDescription();
        server.MapDelete("/studio/session", (HttpContext context, Sessions sessions) =>
        {
            sessions.End(context.Request.Cookies[Cookie] ?? "");
            context.Response.Cookies.Delete(Cookie);
            return Results.NoContent();
        }).ExcludeFromDescription();
    }

    private static async Task<IResult> BeginAsync(HttpContext context, ApiKey key, Sessions sessions)
    {
        var fields = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (key.IsRequired && !key.Matches(fields.Text("api_key") ?? "")) throw new ApiException(401, "this is not the server's API key", "api_key", "invalid_api_key");
        context.Response.Cookies.Append(Cookie, sessions.Begin(), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/" });
        return Results.NoContent();
    }
}

/// <summary>Whether the page must ask for a key, and whether it has.</summary>
internal sealed record SessionState(bool Required, bool SignedIn);
