using System.Buffers;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>One connection that server-sent events go to, until the caller goes or the server stops.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Small models make dozens of steps a second; nobody sees more than a few, and hundreds may listen.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(400);

    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    private readonly HttpResponse _response;
    private readonly CancellationTokenSource _end;

    /// <param name="context">The call.</param>
    /// <param name="stopping">Cancelled when the server stops.</param>
    public EventStream(HttpContext context, CancellationToken stopping)
    {
        _response = context.Response;
        _end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        _response.ContentType = "text/event-stream";
        _response.Headers.CacheControl = "no-store";
        _response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>What happens, as many events at once as there are, some times a second. Keeps the connection open meanwhile.</summary>
    public async IAsyncEnumerable<IReadOnlyList<JobEvent>> ListenAsync(ChannelReader<JobEvent> events)
    {
        await SendAsync([Comment]).ConfigureAwait(false);
        var next = events.WaitToReadAsync(_end.Token).AsTask();
        var quiet = Task.Delay(KeepAlive, _end.Token);
        while (!_end.IsCancellationRequested)
        {
            if (await Task.WhenAny(next, quiet).ConfigureAwait(false) == next)
            {
                if (next.IsCanceled) yield break;
                var happened = new List<JobEvent>();
                while (events.TryRead(out var one)) happened.Add(one);
                yield return happened;
                await Task.WhenAny(Task.Delay(Pace, _end.Token)).ConfigureAwait(false);
                next = events.WaitToReadAsync(_end.Token).AsTask();
            }
            else if (!_end.IsCancellationRequested)
            {
                await SendAsync([Comment]).ConfigureAwait(false);
                quiet = Task.Delay(KeepAlive, _end.Token);
            }
        }
    }

    /// <summary>Sends events in one piece.</summary>
    public async Task SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        if (messages.Count == 0) return;
        try
        {
            foreach (var message in messages) _response.BodyWriter.Write(message.Span);
            await _response.BodyWriter.FlushAsync(_end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    public ValueTask DisposeAsync()
    {
        _end.Dispose();
        return ValueTask.CompletedTask;
    }
}
