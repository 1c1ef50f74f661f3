using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>The Videos API: create, retrieve, list, delete, remix.</summary>
internal static class VideoEndpoints
{
    private const int DefaultPage = 20, LargestPage = 100, PollAfterMilliseconds = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/videos", CreateAsync).WithSummary("Create a video").TakesCreate().Produces<VideoObject>().Refuses(400, 413, 415, 429, 507);
        api.MapGet("/videos", List).WithSummary("List videos").Produces<VideoList>().Refuses(400);
        api.MapGet("/videos/{id}", Retrieve).WithSummary("Retrieve a video").Produces<VideoObject>().Refuses(404);
        api.MapDelete("/videos/{id}", DeleteAsync).WithSummary("Delete a video; a running one is stopped").Produces<DeletedVideo>().Refuses(404);
        api.MapPost("/videos/{id}/remix", RemixAsync).WithSummary("Create a video with the seed and settings of another, and a new prompt").Takes<RemixFields>().Produces<VideoObject>().Refuses(400, 404, 429, 507);
        foreach (var (route, what) in ((string, string)[])[("edits", "videos cannot be edited"), ("extensions", "videos cannot be extended"), ("characters", "there are no characters")])
            api.MapPost($"/videos/{route}", IResult () => throw new ApiException(400, $"{what} here: this model makes videos from text only", code: "unsupported_operation")).WithSummary($"Not possible: {what}").Refuses(400);
        api.MapGet("/videos/characters/{character}", IResult (string character) => throw ApiException.NotFound("there are no characters here: this model makes videos from text only")).WithSummary("Not possible: there are no characters").Refuses(404);
    }

    private static async Task<VideoObject> CreateAsync(HttpContext context, VideoOrders orders, VideoCreation creation, VideoObjects objects)
    {
        var order = orders.Of(await RequestBody.ReadAsync(context).ConfigureAwait(false));
        return objects.Of(await Task.Run(() => creation.Create(order, remixedFrom: null)).ConfigureAwait(false));
    }

    private static VideoObject Retrieve(string id, HttpContext context, JobStore store, VideoObjects objects)
    {
        var job = store.Require(id);
        if (!job.IsOver) context.Response.Headers["openai-poll-after-ms"] = PollAfterMilliseconds.ToString(CultureInfo.InvariantCulture);
        return objects.Of(job);
    }

    private static VideoList List(JobStore store, VideoObjects objects, string? after = null, string? limit = null, string? order = null)
    {
        var count = limit is null ? DefaultPage : int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= LargestPage ? number : throw ApiException.Invalid("limit", $"'limit' must be a whole number from 0 to {LargestPage}");
        if (order is not (null or "asc" or "desc")) throw ApiException.Invalid("order", "'order' must be asc or desc");
        if (after is not null && !VideoIds.IsValid(after)) throw ApiException.Invalid("after", "'after' must be the id of a video");
        var jobs = store.Snapshot.Jobs.Values.AsEnumerable();
        if (order != "asc") jobs = jobs.Reverse();
        // Ids sort by age, so that the place of a video that was deleted meanwhile is still known.
        if (after is not null) jobs = jobs.SkipWhile(job => order == "asc" ? string.CompareOrdinal(job.Id, after) <= 0 : string.CompareOrdinal(job.Id, after) >= 0);
        var page = jobs.Take(count + 1).ToList();
        VideoObject[] shown = [.. page.Take(count).Select(objects.Of)];
        return new VideoList(shown, shown.FirstOrDefault()?.Id, shown.LastOrDefault()?.Id, HasMore: page.Count > count);
    }

    private static async Task<DeletedVideo> DeleteAsync(string id, JobStore store, JobControl control)
    {
        store.Require(id);
        return await control.DeleteAsync(id).ConfigureAwait(false) ? new DeletedVideo(id) : throw NoVideo();
    }

    private static async Task<VideoObject> RemixAsync(string id, HttpContext context, JobStore store, VideoCreation creation, VideoObjects objects)
    {
        var source = store.Require(id);
        var fields = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        fields.RequireKnown(["prompt"]);
        var request = source.Request with { Prompt = VideoOrders.PromptOf(fields) };
        var order = new VideoOrder(request, source.Seconds, source.Memory, source.Adjusted);
        return objects.Of(await Task.Run(() => creation.Create(order, remixedFrom: id)).ConfigureAwait(false));
    }

    /// <summary>The video with an id.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public static VideoJob Require(this JobStore store, string id) => store.Find(id) ?? throw NoVideo();

    private static ApiException NoVideo() => ApiException.NotFound("there is no video with this id; it may have been deleted", "id");
}

/// <summary>A page of the list.</summary>
internal sealed record VideoList(IReadOnlyList<VideoObject> Data, string? FirstId, string? LastId, bool HasMore)
{
    public string Object { get; } = "list";
}

/// <summary>The answer to a deletion.</summary>
internal sealed record DeletedVideo(string Id)
{
    public string Object { get; } = "video.deleted";

    public bool Deleted { get; } = true;
}
