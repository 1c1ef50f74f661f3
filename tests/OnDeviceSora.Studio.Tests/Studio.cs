using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace OnDeviceSora.Studio.Tests;

/// <summary>A real studio at a free port of this machine, on the embedded model, with a data folder and an HTTP client of its own.</summary>
public sealed class Studio : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>Quick to generate.</summary>
    public const string SmallVideo = """{"prompt":"a red circle","width":16,"height":16,"num_frames":2,"num_inference_steps":2}""";

    private readonly TemporaryFolder? _folder;
    private readonly StudioServer _server;

    private Studio(StudioServer server, TemporaryFolder? folder, StudioOptions options)
    {
        (_server, _folder, Options) = (server, folder, options);
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(server.Address), Timeout = Limit };
    }

    public StudioOptions Options { get; }

    public HttpClient Client { get; }

    public string Address => _server.Address;

    /// <summary>Starts one. Where a folder for its data is named, it stays.</summary>
    public static async Task<Studio> StartAsync(Func<StudioOptions, StudioOptions>? change = null, string? data = null)
    {
        var folder = data is null ? new TemporaryFolder() : null;
        var options = new StudioOptions { Model = EmbeddedModel.Folder, DataFolder = data ?? folder!["data"], Address = IPAddress.Loopback, Port = 0 };
        options = change?.Invoke(options) ?? options;
        return new Studio(await StudioServer.StartAsync(options), folder, options);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<Answer> DeleteAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    public Task<Answer> PostAsync(string path, string json = "") => SendAsync(new HttpRequestMessage(HttpMethod.Post, path)
    {
        Content = json.Length == 0 ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(json)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    });

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request);
        return new Answer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>Creates a video.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> CreateAsync(string json = SmallVideo)
    {
        var answer = await PostAsync("/v1/videos", json);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Json.GetProperty("id").GetString()!;
    }

    /// <summary>Waits until a video has a status.</summary>
    public async Task<JsonElement> WaitForAsync(string id, params string[] statuses)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var video = (await GetAsync("/v1/videos/" + id)).Json;
            if (statuses.Contains(video.GetProperty("status").GetString())) return video;
            Assert.False(video.GetProperty("status").GetString() is "failed" or "completed", video.GetRawText());
            await Task.Delay(20, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _folder?.Dispose();
    }
}

/// <summary>What the server answered.</summary>
public sealed record Answer(HttpStatusCode Status, byte[] Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>The error of the envelope; fails when there is none, or when it tells of paths of this machine.</summary>
    public JsonElement Error(int status)
    {
        Assert.True((int)Status == status, $"{(int)Status} instead of {status}: {Text}");
        Assert.DoesNotContain(Path.GetTempPath(), Text, StringComparison.Ordinal);
        Assert.DoesNotContain(EmbeddedModel.Checkout, Text, StringComparison.Ordinal);
        var error = Json.GetProperty("error");
        Assert.Equal(["code", "message", "param", "type"], error.EnumerateObject().Select(member => member.Name).Order());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        return error;
    }
}
