using System.Collections.Concurrent;
using System.Diagnostics;

namespace OnDeviceSora.Bench.Studio;

/// <summary>Clients of a studio, half of which ask for a video's status once a second, as official clients do, while the others read its events.</summary>
/// <param name="address">Where the studio is.</param>
/// <param name="id">The video.</param>
/// <param name="count">How many.</param>
internal sealed class StudioClients(Uri address, string id, int count) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = address };
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<double> _milliseconds = [];
    private long _events;
    private Task _work = Task.CompletedTask;

    /// <summary>How long each status took, in milliseconds.</summary>
    public IReadOnlyCollection<double> Milliseconds => _milliseconds;

    /// <summary>Lines of events that arrived.</summary>
    public long Events => Interlocked.Read(ref _events);

    public void Start() => _work = Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => i % 2 == 0 ? PollAsync(i) : ListenAsync())));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        try
        {
            await _work.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        _client.Dispose();
        _end.Dispose();
    }

    private async Task PollAsync(int number)
    {
        // Not all at the same moment.
        await Task.Delay(Interval * number / count, _end.Token).ConfigureAwait(false);
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            await _client.GetByteArrayAsync("/v1/videos/" + id, _end.Token).ConfigureAwait(false);
            _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(Interval, _end.Token).ConfigureAwait(false);
        }
    }

    private async Task ListenAsync()
    {
        using var stream = await _client.GetStreamAsync($"/v1/videos/{id}/events", _end.Token).ConfigureAwait(false);
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await stream.ReadAsync(buffer, _end.Token).ConfigureAwait(false)) > 0) Interlocked.Add(ref _events, buffer.AsSpan(0, read).Count((byte)'\n') / 3);
    }
}
