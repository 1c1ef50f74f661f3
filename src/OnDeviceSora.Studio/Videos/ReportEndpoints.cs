using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>How a video's generation goes, or went.</summary>
internal static class ReportEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/videos/{id}/report", Report).WithSummary("Steps, similarities, memory and times of a video").Produces<VideoReport>().Refuses(404);

    private static IResult Report(string id, HttpContext context, JobStore store, JobRunner runner)
    {
        var job = store.Require(id);
        var folder = store.Folder(id);
        if (job.Status == JobStatus.Completed) return ContentEndpoints.Send(context.Request, folder.Report, "application/json", null);
        if (runner.Running is { } running && running.Id == id) return Results.Json(VideoReport.Of(running.Steps.Steps, running.Timeline.Samples, Times([])), StudioJson.Options);
        return Results.Json(VideoReport.Of(new StepLog(folder.Steps).Steps, [], Times([])), StudioJson.Options);
    }

    private static Dictionary<GenerationStage, TimeSpan> Times(IEnumerable<KeyValuePair<GenerationStage, TimeSpan>> times) => new(times);
}
