using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>Server-sent events of one video, or of all.</summary>
internal static class EventEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/videos/{id}/events", OfVideoAsync).WithSummary("Events of a video, from its beginning to its end").Refuses(404);
        api.MapGet("/events", OfAllAsync).WithSummary("Events of all videos, from now on");
    }

    private static async Task OfVideoAsync(string id, HttpContext context, JobStore store, JobFeed feed, JobRunner runner, VideoObjects objects, IHostApplicationLifetime lifetime)
    {
        store.Require(id);
        // Listening begins before the past is told, so that nothing falls between; a step that is in both is told once.
        using var subscription = feed.Subscribe(id);
        var past = runner.Running is { } running && running.Id == id ? running.Steps.Steps : [];
        var told = new HashSet<StepReport>(past, ReferenceEqualityComparer.Instance);
        await using var stream = new EventStream(context, lifetime.ApplicationStopping);
        var now = store.Require(id);
        await stream.SendAsync([Message(new JobEvent.Changed(now)), .. past.Select(step => Message(new JobEvent.Step(id, step)))]).ConfigureAwait(false);
        if (now.IsOver) return;
        await foreach (var events in stream.ListenAsync(subscription.Events).ConfigureAwait(false))
        {
            await stream.SendAsync([.. events.Where(happened => happened is not JobEvent.Step step || !told.Contains(step.Report)).Select(Message)]).ConfigureAwait(false);
            if (events.Any(happened => happened is JobEvent.Deleted or JobEvent.Changed { Job.IsOver: true })) return;
        }

        ReadOnlyMemory<byte> Message(JobEvent happened) => happened.Message(known => Write(known, objects));
    }

    private static async Task OfAllAsync(HttpContext context, JobFeed feed, VideoObjects objects, IHostApplicationLifetime lifetime)
    {
        using var subscription = feed.Subscribe(null);
        await using var stream = new EventStream(context, lifetime.ApplicationStopping);
        await foreach (var events in stream.ListenAsync(subscription.Events).ConfigureAwait(false))
            await stream.SendAsync([.. events.Select(happened => happened.Message(known => Write(known, objects)))]).ConfigureAwait(false);
    }

    private static byte[] Write(JobEvent happened, VideoObjects objects) => happened switch
    {
        JobEvent.Changed changed => EventStream.Write("video", objects.Of(changed.Job)),
        JobEvent.Step step => EventStream.Write("step", step.Report),
        _ => EventStream.Write("deleted", new DeletedEvent(happened.Id)),
    };

    private sealed record DeletedEvent(string Id);
}
