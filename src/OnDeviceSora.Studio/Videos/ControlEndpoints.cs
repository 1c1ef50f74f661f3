using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>What the Videos API lacks: cancel, resume, and another place in the queue.</summary>
internal static class ControlEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/videos/{id}/cancel", CancelAsync).WithSummary("Stop a video that waits or runs").Produces<VideoObject>().Refuses(404, 409);
        api.MapPost("/videos/{id}/resume", Resume).WithSummary("Put a failed video back into the queue").Produces<VideoObject>().Refuses(404, 409);
        api.MapPost("/videos/{id}/move", MoveAsync).WithSummary("Give a waiting video another place").Takes<MoveFields>().Produces<VideoObject>().Refuses(400, 404, 409);
    }

    private static async Task<VideoObject> CancelAsync(string id, JobStore store, JobControl control, VideoObjects objects)
    {
        if (store.Require(id).IsOver) throw ApiException.Conflict("the video is over already, so there is nothing to cancel", "video_over");
        return objects.Of(await control.CancelAsync(id).ConfigureAwait(false) ?? store.Require(id));
    }

    private static VideoObject Resume(string id, JobStore store, JobControl control, VideoObjects objects)
    {
        if (store.Require(id).Status != JobStatus.Failed) throw ApiException.Conflict("only a failed or cancelled video can be resumed", "video_not_failed");
        return objects.Of(control.Resume(id) ?? store.Require(id));
    }

    private static async Task<VideoObject> MoveAsync(string id, HttpContext context, JobStore store, VideoObjects objects)
    {
        store.Require(id);
        var fields = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        fields.RequireKnown(["position"]);
        var position = fields.Integer("position") ?? throw ApiException.Invalid("position", "'position' is missing; 0 is next", "missing_required_parameter");
        if (position < 0) throw ApiException.Invalid("position", "'position' must be 0 or more; 0 is next");
        return store.Move(id, position) ? objects.Of(store.Require(id)) : throw ApiException.Conflict("only a video that waits can be moved", "video_not_queued");
    }
}
