using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OnDeviceSora.Tests.Hub;

/// <summary>A request that the local hub got.</summary>
public sealed record LocalHubRequest(bool IsStorage, string Method, string Path, (long Start, long End)? Range, string? IfRange, string? Authorization);

/// <summary>How the local hub misbehaves in one answer.</summary>
public sealed record LocalHubFault
{
    /// <summary>The answer's status, without a body; 0 for the usual.</summary>
    public int Status { get; init; }

    /// <summary>Further headers of the answer.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Breaks the connection after this many bytes.</summary>
    public long? DropAfter { get; init; }

    /// <summary>Sends nothing more after this many bytes, and keeps the connection.</summary>
    public long? StallAfter { get; init; }

    /// <summary>Sends bytes that are not the file's.</summary>
    public bool WrongBytes { get; init; }

    /// <summary>Sends the whole file whatever is asked for.</summary>
    public bool IgnoresRange { get; init; }

    /// <summary>Answers 416 although it has the range.</summary>
    public bool RefusesRange { get; init; }

    /// <summary>Pretends that the file is this much longer (or shorter).</summary>
    public int ExtraBytes { get; init; }

    /// <summary>Does not announce the length.</summary>
    public bool Chunked { get; init; }
}

/// <summary>
/// A hub on this machine with the addresses of the real one: listings and small files from one port, large files through a
/// redirect to a second port, the storage server. It serves ranges and misbehaves on demand.
/// </summary>
public sealed class LocalHub : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly List<LocalHubRequest> _requests = [];
    private readonly Lock _lock = new();
    private long _served;
    private (long At, TaskCompletionSource Reached)? _mark;

    private LocalHub(WebApplication server) => _server = server;

    public List<LocalHubRepository> Repositories { get; init; } = [];

    public Uri Endpoint { get; private set; } = null!;

    public Uri Storage { get; private set; } = null!;

    /// <summary>Decides how each answer misbehaves; it may be called from several threads at once.</summary>
    public Func<LocalHubRequest, LocalHubFault?> Fault { get; set; } = _ => null;

    /// <summary>The token that is needed; <c>null</c> for none.</summary>
    public string? Token { get; set; }

    /// <summary>Bytes a second that each connection gets; 0 for all there are.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>Whether the server's answers have a tag.</summary>
    public string Tag { get; set; } = "\"tag\"";

    public IReadOnlyList<LocalHubRequest> Requests
    {
        get
        {
            lock (_lock) return [.. _requests];
        }
    }

    /// <summary>Bytes of files sent so far.</summary>
    public long Served => Interlocked.Read(ref _served);

    public static async Task<LocalHub> StartAsync(List<LocalHubRepository> repositories)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Listen(IPAddress.Loopback, 0);
            options.Limits.MinResponseDataRate = null;
        });
        var server = builder.Build();
        var hub = new LocalHub(server) { Repositories = repositories };
        server.Run(hub.AnswerAsync);
        await server.StartAsync();
        var addresses = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        (hub.Endpoint, hub.Storage) = (new Uri(addresses[0]), new Uri(addresses[1]));
        return hub;
    }

    /// <summary>Completes when this many further bytes have been sent.</summary>
    public Task AfterAsync(long bytes)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _mark = (Served + bytes, reached);
        return reached.Task;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = Read(context);
        lock (_lock) _requests.Add(request);
        var fault = Fault(request) ?? new LocalHubFault();
        foreach (var (name, value) in fault.Headers) context.Response.Headers[name] = value;
        if (fault.Status > 0)
            context.Response.StatusCode = fault.Status;
        else if (!request.IsStorage && Token is not null && request.Authorization != "Bearer " + Token)
            context.Response.StatusCode = 401;
        else if (request.Path.StartsWith("/api/models/", StringComparison.Ordinal))
            await ListAsync(context, request);
        else
            await FileAsync(context, request, fault);
    }

    private LocalHubRequest Read(HttpContext context)
    {
        (long, long)? range = null;
        if (context.Request.GetTypedHeaders().Range is { Ranges: { Count: 1 } ranges } && ranges.First() is { From: { } from } item)
            range = (from, item.To + 1 ?? long.MaxValue);
        return new LocalHubRequest(context.Connection.LocalPort == Storage.Port, context.Request.Method, context.Request.Path.Value!, range,
            context.Request.Headers.IfRange, context.Request.Headers.Authorization);
    }

    private async Task ListAsync(HttpContext context, LocalHubRequest request)
    {
        var parts = request.Path["/api/models/".Length..].Split("/revision/");
        if (Repositories.Find(known => known.Name == parts[0]) is not { } repository)
        {
            context.Response.StatusCode = 404;
            return;
        }

        await context.Response.WriteAsJsonAsync(new
        {
            sha = repository.Commit,
            siblings = repository.Files.Keys.Select(object (path) => !repository.ListsHashes ? new { rfilename = path }
                : LocalHubRepository.IsLarge(path)
                    ? new { rfilename = path, size = repository.Files[path].Length, blobId = new string('0', 40), lfs = new { sha256 = repository.Hash(path), size = repository.Files[path].Length, pointerSize = 134 } }
                    : new { rfilename = path, size = repository.Files[path].Length, blobId = repository.Hash(path) })
                .Concat(repository.ExtraNames.Select(name => new { rfilename = name, size = 1, blobId = new string('a', 40) })),
        });
    }

    private async Task FileAsync(HttpContext context, LocalHubRequest request, LocalHubFault fault)
    {
        foreach (var repository in Repositories)
        {
            var prefix = $"/{repository.Name}/resolve/{repository.Commit}/";
            if (!request.Path.StartsWith(prefix, StringComparison.Ordinal) || !repository.Files.TryGetValue(request.Path[prefix.Length..], out var bytes)) continue;
            var path = request.Path[prefix.Length..];
            if (request.IsStorage || !LocalHubRepository.IsLarge(path))
            {
                if (!request.IsStorage) context.Response.Headers.ETag = $"\"{repository.Hash(path)}\"";
                else if (Tag.Length > 0) context.Response.Headers.ETag = Tag;
                await SendAsync(context, request, fault, bytes);
                return;
            }

            context.Response.Headers["X-Linked-Size"] = bytes.Length.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["X-Linked-ETag"] = $"\"{repository.Hash(path)}\"";
            context.Response.Redirect(new Uri(Storage, request.Path + "?signature=secret").AbsoluteUri);
            return;
        }

        context.Response.StatusCode = 404;
    }

    private async Task SendAsync(HttpContext context, LocalHubRequest request, LocalHubFault fault, byte[] bytes)
    {
        if (fault.ExtraBytes != 0) bytes = fault.ExtraBytes > 0 ? [.. bytes, .. new byte[fault.ExtraBytes]] : bytes[..Math.Max(0, bytes.Length + fault.ExtraBytes)];
        if (fault.WrongBytes) bytes = [.. bytes.Select(value => (byte)~value)];
        var (start, end) = (0L, (long)bytes.Length);
        if (request.Range is { } range && !fault.IgnoresRange && (request.IfRange is null || request.IfRange == Tag || !request.IsStorage))
        {
            if (range.Start >= bytes.Length || fault.RefusesRange)
            {
                context.Response.StatusCode = 416;
                context.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{bytes.Length}");
                return;
            }

            (start, end) = (range.Start, Math.Min(range.End, bytes.Length));
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {start}-{end - 1}/{bytes.Length}");
        }

        if (!fault.Chunked) context.Response.ContentLength = end - start;
        if (context.Request.Method == "HEAD") return;
        await SendPiecesAsync(context, fault, bytes.AsMemory((int)start, (int)(end - start)));
    }

    private async Task SendPiecesAsync(HttpContext context, LocalHubFault fault, ReadOnlyMemory<byte> bytes)
    {
        const int piece = 16 * 1024;
        var clock = Stopwatch.StartNew();
        for (var sent = 0; sent < bytes.Length;)
        {
            if (sent >= fault.DropAfter)
            {
                context.Abort();
                return;
            }

            if (sent >= fault.StallAfter) await Task.Delay(Timeout.Infinite, context.RequestAborted);
            var limit = Math.Min(bytes.Length, Math.Min(fault.DropAfter ?? long.MaxValue, fault.StallAfter ?? long.MaxValue));
            var count = (int)Math.Min(piece, limit - sent);
            await context.Response.Body.WriteAsync(bytes.Slice(sent, count), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            sent += count;
            Count(count);
            if (BytesPerSecond > 0 && TimeSpan.FromSeconds(sent / (double)BytesPerSecond) - clock.Elapsed is { Ticks: > 0 } early)
                await Task.Delay(early, context.RequestAborted);
        }
    }

    private void Count(long bytes)
    {
        var served = Interlocked.Add(ref _served, bytes);
        lock (_lock)
        {
            if (_mark is not { } mark || served < mark.At) return;
            mark.Reached.TrySetResult();
            _mark = null;
        }
    }
}
