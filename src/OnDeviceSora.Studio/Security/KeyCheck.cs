using Microsoft.AspNetCore.Http;
using OnDeviceSora.Studio.Errors;

namespace OnDeviceSora.Studio.Security;

/// <summary>Asks every call of the API for the key, or for the session of a browser that has shown it.</summary>
internal sealed class KeyCheck(RequestDelegate next, ApiKey key, Sessions sessions)
{
    private const string Bearer = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (!key.IsRequired || IsOpen(context.Request) || sessions.Contains(context.Request.Cookies[SessionEndpoints.Cookie] ?? "")) return next(context);
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && key.Matches(authorization[Bearer.Length..].Trim())) return next(context);
        throw authorization.Length == 0
            ? new ApiException(401, "this server needs its API key: Authorization: Bearer KEY", code: "missing_api_key")
            : new ApiException(401, "this is not the server's API key", code: "invalid_api_key");
    }

    /// <summary>The page can be seen without the key, and asks for it; preflight requests never have one.</summary>
    private static bool IsOpen(HttpRequest request) =>
        !(request.Path.StartsWithSegments("/v1") || request.Path.StartsWithSegments("/metrics") || request.Path.StartsWithSegments("/openapi")) || HttpMethods.IsOptions(request.Method);
}
