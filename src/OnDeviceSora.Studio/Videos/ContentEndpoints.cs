using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>The files of a video: its content, previews and its timeline.</summary>
internal static class ContentEndpoints
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(RouteGroupBuilder api)
    {
        api.MapMethods("/videos/{id}/content", GetAndHead, Content).WithSummary("Download a finished video, its thumbnail or spritesheet").Refuses(400, 404, 409, 416);
        api.MapMethods("/videos/{id}/preview", GetAndHead, Preview).WithSummary("What a running video looks like so far").Refuses(404);
        api.MapMethods("/videos/{id}/timeline", GetAndHead, Timeline).WithSummary("When each block was loaded and computed, as a page").Refuses(404, 409);
    }

    private static IResult Content(string id, HttpContext context, JobStore store, string? variant = null)
    {
        var job = store.Require(id);
        var folder = store.Folder(id);
        if (variant is not (null or "video" or "thumbnail" or "spritesheet")) throw ApiException.Invalid("variant", "'variant' must be video, thumbnail or spritesheet");
        var outcome = RequireCompleted(job);
        return variant switch
        {
            "thumbnail" => Send(context.Request, folder.Thumbnail, "image/png", $"{id}-thumbnail.png"),
            "spritesheet" => Send(context.Request, folder.Spritesheet, "image/png", $"{id}-spritesheet.png"),
            _ => Send(context.Request, folder.At(outcome.FileName), outcome.ContentType, id + Path.GetExtension(outcome.FileName)),
        };
    }

    private static IResult Preview(string id, HttpContext context, JobStore store, bool still = false)
    {
        store.Require(id);
        context.Response.Headers.CacheControl = "no-store";
        return Send(context.Request, still ? store.Folder(id).StillPreview : store.Folder(id).Preview, "image/png", null);
    }

    private static IResult Timeline(string id, HttpContext context, JobStore store)
    {
        RequireCompleted(store.Require(id));
        // The page has its script and style inside, and loads nothing.
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
        return Send(context.Request, store.Folder(id).Timeline, "text/html; charset=utf-8", null);
    }

    /// <exception cref="ApiException">The video is not done.</exception>
    public static JobOutcome RequireCompleted(VideoJob job) => job switch
    {
        { Status: JobStatus.Completed, Outcome: { } outcome } => outcome,
        { Status: JobStatus.Failed, Error: { } error } => throw ApiException.Conflict($"the video failed ({error.Message}), so there is nothing of it", "video_failed"),
        _ => throw ApiException.Conflict($"the video is not done yet ({job.Progress} %); ask for it until its status is completed", "video_not_ready"),
    };

    /// <summary>Sends a file with ranges and validators. It stays readable while it is deleted or replaced.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public static IResult Send(HttpRequest request, string path, string contentType, string? downloadName)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ApiException.NotFound("the server does not have this file");
        }

        var written = File.GetLastWriteTimeUtc(file.SafeFileHandle);
        var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{written.Ticks:x}-{file.Length:x}\""));
        // A range of anything else than bytes is to be ignored.
        var inBytes = request.GetTypedHeaders().Range is not { } range || range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase);
        return Results.File(file, contentType, downloadName, written, tag, enableRangeProcessing: inBytes);
    }
}
