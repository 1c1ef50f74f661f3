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

    private static async Task OfVideoAsync(string id, HttpContext context, JobStore store, JobFeed feed, JobRunner runner, EventMessages messages, IHostApplicationLifetime lifetime)
    {
        store.Require(id);
        // Listening begins before the past is told, so that nothing falls between; a step that is in both is told once.
        using var subscription = feed.Subscribe(id);
        var past = runner.Running is { } running && running.Id == id ? running.Steps.Steps : new StepLog(store.Folder(id).Steps).Steps;
        var told = store.Require(id);
        var known = new HashSet<StepReport>(past, ReferenceEqualityComparer.Instance);
        await using var stream = new EventStream(context, lifetime.ApplicationStopping);
        await stream.SendAsync([messages.Of(told), .. past.Select(messages.Of)]).ConfigureAwait(false);
        if (told.IsOver) return;
        await foreach (var events in stream.ListenAsync(subscription.Events).ConfigureAwait(false))
        {
            await stream.SendAsync([.. events.OfType<JobEvent.Step>().Where(step => !known.Contains(step.Report)).Select(step => messages.Of(step.Report))]).ConfigureAwait(false);
            // A change that waited to be told may be older than what was told already; the present never is.
            if (store.Find(id) is not { } present)
            {
                await stream.SendAsync([EventMessages.OfDeleted(id)]).ConfigureAwait(false);
                return;
            }
            if (!ReferenceEquals(present, told)) await stream.SendAsync([messages.Of(told = present)]).ConfigureAwait(false);
            if (told.IsOver) return;
        }
    }

    private static async Task OfAllAsync(HttpContext context, JobFeed feed, EventMessages messages, IHostApplicationLifetime lifetime)
    {
        using var subscription = feed.Subscribe(null);
        await using var stream = new EventStream(context, lifetime.ApplicationStopping);
        await foreach (var events in stream.ListenAsync(subscription.Events).ConfigureAwait(false))
            await stream.SendAsync([.. events.Select(happened => happened is JobEvent.Changed changed ? messages.Of(changed.Job) : EventMessages.OfDeleted(happened.Id))]).ConfigureAwait(false);
    }
}
