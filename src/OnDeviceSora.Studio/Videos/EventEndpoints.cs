using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>Server-sent events of one video, or of all.</summary>
internal static class EventEndpoints
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

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
        var past = runner.Running is { } running && running.Id == id ? running.Steps.Steps : new StepLog(store.Folder(id).Steps).Steps;
        var told = store.Require(id);
        await using var stream = Begin(context, lifetime);
        await stream.SendAsync("video", objects.Of(told)).ConfigureAwait(false);
        foreach (var step in past) await stream.SendAsync("step", step).ConfigureAwait(false);
        if (told.IsOver) return;
        await foreach (var happened in stream.ListenAsync(subscription.Events).ConfigureAwait(false))
        {
            if (happened is JobEvent.Step { Report: var step } && past.Contains(step)) continue;
            if (happened is not JobEvent.Changed)
            {
                await TellAsync(stream, happened, objects).ConfigureAwait(false);
                if (happened is JobEvent.Deleted) return;
                continue;
            }
            // A change that waited to be told may be older than what was told already; the present never is.
            if (store.Find(id) is not { } present || ReferenceEquals(present, told)) continue;
            told = present;
            await stream.SendAsync("video", objects.Of(told)).ConfigureAwait(false);
            if (told.IsOver) return;
        }
    }

    private static async Task OfAllAsync(HttpContext context, JobFeed feed, VideoObjects objects, IHostApplicationLifetime lifetime)
    {
        using var subscription = feed.Subscribe(null);
        await using var stream = Begin(context, lifetime);
        await foreach (var happened in stream.ListenAsync(subscription.Events).ConfigureAwait(false)) await TellAsync(stream, happened, objects).ConfigureAwait(false);
    }

    private static Task TellAsync(EventStream stream, JobEvent happened, VideoObjects objects) => happened switch
    {
        JobEvent.Changed changed => stream.SendAsync("video", objects.Of(changed.Job)),
        JobEvent.Step step => stream.SendAsync("step", step.Report),
        _ => stream.SendAsync("deleted", new { happened.Id }),
    };

    private static EventStream Begin(HttpContext context, IHostApplicationLifetime lifetime)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return new EventStream(context.Response, CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping));
    }

    /// <summary>One connection.</summary>
    private sealed class EventStream(HttpResponse response, CancellationTokenSource end) : IAsyncDisposable
    {
        private static readonly byte[] Comment = ":\n\n"u8.ToArray();

        /// <summary>What happens, until the caller goes or the server stops. Keeps the connection open meanwhile.</summary>
        public async IAsyncEnumerable<JobEvent> ListenAsync(ChannelReader<JobEvent> events)
        {
            await WriteAsync(Comment).ConfigureAwait(false);
            var next = events.WaitToReadAsync(end.Token).AsTask();
            while (!end.IsCancellationRequested)
            {
                if (await Task.WhenAny(next, Task.Delay(KeepAlive, end.Token)).ConfigureAwait(false) != next)
                {
                    if (!end.IsCancellationRequested) await WriteAsync(Comment).ConfigureAwait(false);
                    continue;
                }
                if (next.IsCanceled) yield break;
                while (events.TryRead(out var happened)) yield return happened;
                next = events.WaitToReadAsync(end.Token).AsTask();
            }
        }

        public async Task SendAsync<T>(string name, T data)
        {
            var message = new ArrayBufferWriter<byte>(1024);
            message.Write(Encoding.ASCII.GetBytes($"event: {name}\ndata: "));
            using (var json = new Utf8JsonWriter(message, new JsonWriterOptions { Encoder = StudioJson.Options.Encoder })) JsonSerializer.Serialize(json, data, StudioJson.Options);
            message.Write("\n\n"u8);
            await WriteAsync(message.WrittenMemory).ConfigureAwait(false);
        }

        public ValueTask DisposeAsync()
        {
            end.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            try
            {
                await response.Body.WriteAsync(bytes, end.Token).ConfigureAwait(false);
                await response.Body.FlushAsync(end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The loop sees it.
            }
        }
    }
}
