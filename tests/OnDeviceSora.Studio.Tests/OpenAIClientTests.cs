using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text.Json;
using OnDeviceSora.Evaluation.Scoring;
using OnDeviceSora.Evaluation.World;
using OnDeviceSora.Media;
using OpenAI.Videos;

namespace OnDeviceSora.Studio.Tests;

/// <summary>The official .NET client, as it comes, against a real server.</summary>
public sealed class OpenAIClientTests(SharedStudio shared) : IClassFixture<SharedStudio>
{
    private readonly Studio _studio = shared.Studio;

    [NeedsFfmpegFact]
    public async Task A_video_made_with_a_form_plays_and_shows_its_prompt()
    {
        using var client = new OfficialClient(_studio);
        const string Text = "a big blue square moving right over the meadow";
        var created = await client.CreateAsync(("prompt", Text), ("model", "sora-2"), ("seconds", "3"), ("size", "64x64"), ("seed", "42"), ("num_inference_steps", "8"));
        Assert.Equal("opensora-tiny", created.Text("model"));
        Assert.Equal(("64x64", "3", 42, 8), (created.Text("size"), created.Text("seconds"), created.Number("seed"), created.Number("num_inference_steps")));

        var id = created.Text("id");
        Assert.Equal("completed", (await client.PollAsync(id)).Text("status"));
        using var folder = new TemporaryFolder();
        var file = folder["downloaded.mp4"];
        await File.WriteAllBytesAsync(file, await client.DownloadAsync(id, "video", "video/mp4"));

        await AssertPlaysAsync(file, frames: 34, framesPerSecond: 12);
        var seen = SceneReader.Read(await VideoReader.ReadAsync(file, 64, 64).ToListAsync());
        var score = SceneScore.Of(seen, new Scene(Background.Meadow, new Thing(Colour.Blue, Figure.Square, Size.Big, Motion.Right)));
        Assert.True(score is { AllFour: 1, Size: 1 }, seen.ToString());

        AssertPng(await client.DownloadAsync(id, "thumbnail", "image/png"), 64, 64);
        var sheet = await client.DownloadAsync(id, "spritesheet", "image/png");
        var (width, height) = PngSize(sheet);
        Assert.True(width % 64 == 0 && height % 64 == 0 && width * height > 64 * 64, $"{width}x{height}");
    }

    [Fact]
    public async Task A_video_made_with_json_is_answered_at_once()
    {
        using var client = new OfficialClient(_studio);
        var result = await client.Videos.CreateVideoAsync(BinaryContent.Create(BinaryData.FromString(Studio.SmallVideo)), "application/json");
        Assert.Equal(200, result.GetRawResponse().Status);
        var video = OfficialClient.Json(result);
        Assert.Equal(("video", "a red circle"), (video.Text("object"), video.Text("prompt")));
        Assert.Contains(video.Text("status"), (string[])["queued", "in_progress"]);
        Assert.Equal(100, (await client.PollAsync(video.Text("id"))).Number("progress"));
    }

    [Fact]
    public async Task Pages_of_the_list_hold_every_video_once_in_both_orders()
    {
        await _studio.ClearAsync();
        await using var running = await _studio.OccupyAsync();
        List<string> created = [running.Id];
        for (var i = 0; i < 4; i++) created.Add(await _studio.CreateAsync());
        using var client = new OfficialClient(_studio);

        Assert.Equal(created, await client.ListAsync(limit: 2, order: "asc"));
        Assert.Equal(3, client.Calls);
        Assert.Equal(Enumerable.Reverse(created), await client.ListAsync(limit: 2));
        Assert.Equal(created[2..], await client.ListAsync(limit: 100, order: "asc", after: created[1]));
        Assert.Empty(await client.ListAsync(limit: 100, order: "asc", after: created[^1]));

        // The client goes on from the last one it saw, which may be gone by then.
        await client.Videos.DeleteVideoAsync(created[2], null);
        Assert.Equal(created[3..], await client.ListAsync(limit: 1, order: "asc", after: created[2]));
        Assert.Empty(OfficialClient.Ids(await client.PageAsync(limit: 0)));
        await _studio.ClearAsync();
    }

    [Fact]
    public async Task A_deleted_video_is_gone()
    {
        using var client = new OfficialClient(_studio);
        var id = (await client.CreateAsync(OfficialClient.SmallVideo)).Text("id");
        var deleted = OfficialClient.Json(await client.Videos.DeleteVideoAsync(id, null));
        Assert.Equal((id, "video.deleted", true), (deleted.Text("id"), deleted.Text("object"), deleted.GetProperty("deleted").GetBoolean()));
        Assert.Equal(3, deleted.EnumerateObject().Count());
        await client.RefusedAsync(404, "id", () => client.Videos.DeleteVideoAsync(id, null));
        await client.RefusedAsync(404, "id", () => client.Videos.GetVideoAsync(id, null));
    }

    [Fact]
    public async Task A_remix_has_the_settings_of_its_source_and_another_prompt()
    {
        using var client = new OfficialClient(_studio);
        var source = await client.CreateAsync([.. OfficialClient.SmallVideo, ("seed", "7")]);
        var body = BinaryContent.Create(BinaryData.FromString("""{"prompt":"a blue star"}"""));
        var remix = OfficialClient.Json(await client.Videos.CreateVideoRemixAsync(source.Text("id"), body, "application/json"));
        Assert.Equal((source.Text("id"), "a blue star", 7), (remix.Text("remixed_from_video_id"), remix.Text("prompt"), remix.Number("seed")));
        Assert.Equal("completed", (await client.PollAsync(remix.Text("id"))).Text("status"));
        await client.DownloadAsync(remix.Text("id"), "video", VideoReader.IsAvailable ? "video/mp4" : "image/png");
    }

    [Theory]
    [InlineData("video_00000000000000000000000000")]
    [InlineData("no-such-video")]
    [InlineData("../../etc/passwd")]
    public async Task An_unknown_id_is_not_found(string id)
    {
        using var client = new OfficialClient(_studio);
        foreach (var call in (Func<Task<ClientResult>>[])[() => client.Videos.GetVideoAsync(id, null), () => client.Videos.DownloadVideoAsync(id, null, null), () => client.Videos.DeleteVideoAsync(id, null)])
        {
            var error = await client.RefusedAsync(404, "id", call);
            Assert.Equal(("invalid_request_error", "not_found"), (error.Text("type"), error.Text("code")));
        }
        Assert.Equal(3, client.Calls);
    }

    [Fact]
    public async Task Content_that_is_not_ready_fails_at_once_without_another_try()
    {
        await using var running = await _studio.OccupyAsync();
        using var client = new OfficialClient(_studio);
        var error = await client.RefusedAsync(409, null, () => client.Videos.DownloadVideoAsync(running.Id, null, null));
        Assert.Equal("video_not_ready", error.Text("code"));
        Assert.Equal("false", client.LastHeader("x-should-retry"));
        Assert.Equal(1, client.Calls);
    }

    [Theory]
    [InlineData("size", "1280x720", "64x64")]
    [InlineData("size", "large", "64x64")]
    [InlineData("seconds", "8", "3")]
    [InlineData("seconds", "soon", "3")]
    [InlineData("model", "gpt-4", "opensora-tiny")]
    [InlineData("num_frames", "many", "a whole number")]
    public async Task What_cannot_be_made_is_refused_with_what_can(string field, string value, string possible)
    {
        using var client = new OfficialClient(_studio);
        var error = await client.RefusedAsync(400, field, () => client.SendAsync(("prompt", "a red circle"), (field, value)));
        Assert.Equal("invalid_request_error", error.Text("type"));
        Assert.Contains(possible, error.Text("message"), StringComparison.Ordinal);
        Assert.Equal(1, client.Calls);
    }

    [Fact]
    public async Task Only_the_right_key_opens()
    {
        await using var studio = await Studio.StartAsync(options => options with { ApiKey = "the right key" });
        using var wrong = new OfficialClient(studio, key: "the wrong key");
        var error = await wrong.RefusedAsync(401, null, () => wrong.SendAsync(OfficialClient.SmallVideo));
        Assert.Equal(("authentication_error", "invalid_api_key"), (error.Text("type"), error.Text("code")));
        Assert.Equal("Bearer", wrong.LastHeader("WWW-Authenticate"));
        Assert.Equal(1, wrong.Calls);
        using var right = new OfficialClient(studio, key: "the right key");
        Assert.Equal("video", (await right.CreateAsync(OfficialClient.SmallVideo)).Text("object"));
    }

    [Fact]
    public async Task A_full_queue_says_when_to_try_again()
    {
        await using var studio = await Studio.StartAsync(options => options with { QueueLimit = 1 });
        await using var running = await studio.OccupyAsync();
        var waiting = await studio.CreateAsync();
        using var client = new OfficialClient(studio, retries: 0);
        var error = await client.RefusedAsync(429, null, () => client.SendAsync(OfficialClient.SmallVideo));
        Assert.Equal(("rate_limit_error", "queue_full"), (error.Text("type"), error.Text("code")));
        Assert.InRange(int.Parse(client.LastHeader("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 600);
        await studio.DeleteAsync("/v1/videos/" + waiting);
        Assert.Equal("queued", (await client.CreateAsync(OfficialClient.SmallVideo)).Text("status"));
    }

    private static async Task AssertPlaysAsync(string file, int frames, int framesPerSecond)
    {
        var probe = await Programs.RunAsync("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=codec_type,codec_name,pix_fmt,nb_read_frames,avg_frame_rate,width,height", "-of", "json", file]);
        Assert.Equal((0, ""), (probe.ExitCode, probe.Error));
        var stream = Assert.Single(JsonSerializer.Deserialize<JsonElement>(probe.Output).GetProperty("streams").EnumerateArray());
        Assert.Equal(("h264", "yuv420p", $"{frames}", $"{framesPerSecond}/1"), (stream.Text("codec_name"), stream.Text("pix_fmt"), stream.Text("nb_read_frames"), stream.Text("avg_frame_rate")));
        var boxes = Boxes(await File.ReadAllBytesAsync(file));
        Assert.Equal("ftyp", boxes[0]);
        Assert.True(boxes.IndexOf("moov") is > 0 and var moov && moov < boxes.IndexOf("mdat"), "players could not begin before the whole file is there: " + string.Join(' ', boxes));
    }

    /// <summary>The names of an MP4 file's outermost boxes.</summary>
    private static List<string> Boxes(byte[] file)
    {
        List<string> names = [];
        for (var at = 0; at + 8 <= file.Length; at += System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at))) names.Add(System.Text.Encoding.ASCII.GetString(file, at + 4, 4));
        return names;
    }

    private static void AssertPng(byte[] file, int width, int height) => Assert.Equal((width, height), PngSize(file));

    private static (int Width, int Height) PngSize(byte[] file)
    {
        Assert.Equal((byte[])[0x89, (byte)'P', (byte)'N', (byte)'G'], file[..4]);
        return (System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16)), System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20)));
    }

    /// <summary>The client with its own retries and headers; only its calls are counted.</summary>
    private sealed class OfficialClient : IDisposable
    {
        public static readonly (string Name, string Value)[] SmallVideo = [("prompt", "a red circle"), ("width", "16"), ("height", "16"), ("num_frames", "2"), ("num_inference_steps", "2")];

        private readonly CountingHandler _handler = new() { InnerHandler = new SocketsHttpHandler { UseCookies = false } };
        private readonly HttpClient _http;
        private PipelineResponse? _refused;

        public OfficialClient(Studio studio, string key = "any", int? retries = null)
        {
            _http = new HttpClient(_handler);
            var options = new VideoClientOptions { Endpoint = new Uri(studio.Address + "/v1"), Transport = new HttpClientPipelineTransport(_http) };
            if (retries is { } most) options.RetryPolicy = new ClientRetryPolicy(most);
            Videos = new VideoClient(new ApiKeyCredential(key), options);
        }

        public VideoClient Videos { get; }

        /// <summary>Calls that reached the server.</summary>
        public int Calls => _handler.Calls;

        public static JsonElement Json(ClientResult result) => result.GetRawResponse().Content.ToObjectFromJson<JsonElement>();

        /// <summary>Asks for a video with a form.</summary>
        public async Task<ClientResult> SendAsync(params (string Name, string Value)[] fields)
        {
            using var form = new MultipartFormDataContent();
            foreach (var (name, value) in fields) form.Add(new StringContent(value), name);
            using var content = BinaryContent.Create(BinaryData.FromStream(await form.ReadAsStreamAsync()));
            return await Videos.CreateVideoAsync(content, form.Headers.ContentType!.ToString());
        }

        public async Task<JsonElement> CreateAsync(params (string Name, string Value)[] fields) => Json(await SendAsync(fields));

        public async Task<JsonElement> PollAsync(string id)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
            while (true)
            {
                var result = await Videos.GetVideoAsync(id, null);
                var video = Json(result);
                Assert.Equal(video.Text("status") is "queued" or "in_progress", result.GetRawResponse().Headers.TryGetValue("openai-poll-after-ms", out var wait));
                if (wait is null) return video;
                Assert.InRange(int.Parse(wait, System.Globalization.CultureInfo.InvariantCulture), 1, 10_000);
                await Task.Delay(50, limit.Token);
            }
        }

        public async Task<byte[]> DownloadAsync(string id, string variant, string contentType)
        {
            var response = (await Videos.DownloadVideoAsync(id, variant, null)).GetRawResponse();
            Assert.True(response.Headers.TryGetValue("Content-Type", out var type));
            Assert.Equal((200, contentType), (response.Status, type));
            return response.Content.ToArray();
        }

        public static List<string> Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(video => video.Text("id"))];

        /// <summary>The collection of this version of the client has one page; whoever uses it asks on by himself.</summary>
        public async Task<List<string>> ListAsync(int limit, string? order = null, string? after = null)
        {
            List<string> ids = [];
            for (var more = true; more;)
            {
                var page = await PageAsync(limit, order, after);
                ids.AddRange(Ids(page));
                (more, after) = (page.GetProperty("has_more").GetBoolean(), page.Text("last_id"));
            }
            return ids;
        }

        public async Task<JsonElement> PageAsync(int limit, string? order = null, string? after = null)
        {
            var pages = new List<ClientResult>();
            await foreach (var page in Videos.GetVideosAsync(limit, order, after, null).GetRawPagesAsync()) pages.Add(page);
            var list = Json(Assert.Single(pages));
            var ids = Ids(list);
            Assert.True(ids.Count <= limit);
            Assert.Equal(("list", ids.FirstOrDefault(), ids.LastOrDefault()), (list.Text("object"), list.Text("first_id"), list.Text("last_id")));
            return list;
        }

        /// <summary>The error that a call ends with.</summary>
        public async Task<JsonElement> RefusedAsync(int status, string? param, Func<Task<ClientResult>> call)
        {
            var refused = await Assert.ThrowsAsync<ClientResultException>(call);
            Assert.Equal(status, refused.Status);
            _refused = refused.GetRawResponse()!;
            var error = _refused.Content.ToObjectFromJson<JsonElement>().GetProperty("error");
            Assert.Equal(param, error.Text("param"));
            return error;
        }

        /// <summary>A header of the last error.</summary>
        public string? LastHeader(string name) => _refused!.Headers.TryGetValue(name, out var value) ? value : null;

        public void Dispose() => _http.Dispose();

        private sealed class CountingHandler : DelegatingHandler
        {
            private int _calls;

            public int Calls => _calls;

            protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                Interlocked.Increment(ref _calls);
                return base.Send(request, cancellationToken);
            }

            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                Interlocked.Increment(ref _calls);
                return base.SendAsync(request, cancellationToken);
            }
        }
    }
}
