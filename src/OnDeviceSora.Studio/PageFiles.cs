using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace OnDeviceSora.Studio;

/// <summary>The page's files, from inside the assembly.</summary>
internal static class PageFiles
{
    private const string Prefix = "page/", Index = "index.html";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".txt"] = "text/plain; charset=utf-8",
        [".json"] = "application/json",
    };

    private static readonly FrozenDictionary<string, PageFile> Files = typeof(PageFiles).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[Prefix.Length..].Replace('\\', '/'), Read, StringComparer.Ordinal);

    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder server)
    {
        foreach (var (name, file) in Files) server.MapMethods(name == Index ? "/" : "/" + name, GetAndHead, context => SendAsync(context, file)).ExcludeFromDescription();
    }

    /// <summary>Asked for anew each time, but sent only when it changed: another version of sora has other files under the same names.</summary>
    private static Task SendAsync(HttpContext context, PageFile file)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return Results.Bytes(file.Content, file.Type, entityTag: file.Tag).ExecuteAsync(context);
    }

    private static PageFile Read(string resource)
    {
        using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream(resource)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"");
        return new PageFile(content, Types.GetValueOrDefault(Path.GetExtension(resource), "application/octet-stream"), tag);
    }

    private sealed record PageFile(byte[] Content, string Type, EntityTagHeaderValue Tag);
}
