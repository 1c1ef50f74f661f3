using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using OnDeviceSora.Media;

namespace OnDeviceSora.Studio.Tests;

/// <summary>The video object, its fields and its life, as docs/studio.md and the specification promise them.</summary>
public sealed partial class VideoObjectTests(SharedStudio shared) : IClassFixture<SharedStudio>
{
    private static readonly string[] Keys =
    [
        "id", "object", "model", "status", "progress", "created_at", "completed_at", "expires_at", "prompt", "seconds", "size", "remixed_from_video_id", "error",
        "seed", "num_frames", "fps", "num_inference_steps", "guidance_scale", "leap", "merge_steps", "memory", "queue_position", "stage", "remaining_s",
        "executed_steps", "leap_step", "inference_time_s", "peak_memory_mb", "content_type", "adjusted",
    ];

    private readonly Studio _studio = shared.Studio;

    [Fact]
    public async Task Every_key_is_there_in_every_status()
    {
        string waiting;
        await using (var running = await _studio.OccupyAsync())
        {
            waiting = await _studio.CreateAsync();
            AssertShape(await VideoAsync(running.Id), "in_progress");
            AssertShape(await VideoAsync(waiting), "queued");
            var cancelled = await _studio.PostAsync($"/v1/videos/{running.Id}/cancel");
            AssertShape(cancelled.Json, "failed");
            AssertShape(await VideoAsync(running.Id), "failed");
        }
        AssertShape(await _studio.WaitForAsync(waiting, "completed"), "completed");
        var list = (await _studio.GetAsync("/v1/videos")).Json;
        foreach (var video in list.GetProperty("data").EnumerateArray()) AssertShape(video, video.Text("status"));
    }

    [Fact]
    public async Task Progress_never_falls_and_is_100_only_when_the_file_is_there()
    {
        var id = await _studio.CreateAsync("""{"prompt":"a red circle","width":32,"height":32,"num_frames":4,"num_inference_steps":100,"leap":"off"}""");
        int last = 0, seen = 0;
        JsonElement video;
        do
        {
            var content = (await _studio.GetAsync($"/v1/videos/{id}/content")).Status;
            video = await VideoAsync(id);
            var progress = video.Number("progress");
            Assert.InRange(progress, last, 100);
            Assert.Equal(progress == 100, video.Text("status") == "completed");
            // Asked before: what it had then, the video has now.
            if (content == HttpStatusCode.OK) Assert.Equal(100, progress);
            if (progress > last) seen++;
            last = progress;
        }
        while (last < 100);
        Assert.True(seen > 2, $"only {seen} values were seen");
        Assert.Equal(HttpStatusCode.OK, (await _studio.GetAsync($"/v1/videos/{id}/content")).Status);
    }

    [Theory]
    [InlineData("opensora-tiny")]
    [InlineData("sora-2")]
    [InlineData("sora-2-pro")]
    [InlineData("sora-2-2025-10-06")]
    [InlineData("sora-2-pro-2025-10-06")]
    public async Task Names_of_the_hosted_models_mean_the_installed_one(string name)
    {
        var video = await VideoAsync(await _studio.CreateAsync(Small($"\"model\":\"{name}\"")));
        Assert.Equal("opensora-tiny", video.Text("model"));
        var model = (await _studio.GetAsync("/v1/models/" + name)).Json;
        Assert.Equal(("opensora-tiny", "model", "on-device-sora"), (model.Text("id"), model.Text("object"), model.Text("owned_by")));
    }

    [Theory]
    [InlineData("sora-3")]
    [InlineData("SORA-2")]
    [InlineData("sora-2-2025")]
    [InlineData("../opensora-tiny")]
    [InlineData("")]
    public async Task Other_models_are_refused_by_the_name_of_the_installed_one(string name)
    {
        var error = (await _studio.PostAsync("/v1/videos", Small($"\"model\":\"{name}\""))).Error(400);
        Assert.Equal(("model", "model_not_found"), (error.Text("param"), error.Text("code")));
        Assert.Contains("opensora-tiny", error.Text("message"), StringComparison.Ordinal);
        if (name.Length > 0) Assert.Equal("id", (await _studio.GetAsync("/v1/models/" + Uri.EscapeDataString(name))).Error(404).Text("param"));
    }

    [Fact]
    public async Task The_list_of_models_has_the_installed_one_alone()
    {
        var list = (await _studio.GetAsync("/v1/models")).Json;
        var model = Assert.Single(list.GetProperty("data").EnumerateArray());
        Assert.Equal(("list", "opensora-tiny"), (list.Text("object"), model.Text("id")));
        Assert.True(model.GetProperty("created").TryGetInt64(out _));
    }

    [Theory]
    [InlineData("\"3\"")]
    [InlineData("3")]
    [InlineData("3.0")]
    [InlineData("\"3.0\"")]
    public async Task A_length_may_be_text_or_a_number(string seconds)
    {
        var plan = (await _studio.PostAsync("/v1/videos/plan", $$"""{"prompt":"a red circle","seconds":{{seconds}}}""")).Json;
        Assert.Equal(("3", 34), (plan.Text("seconds"), plan.Number("num_frames")));
    }

    [Theory]
    [InlineData("size", "\"1280x720\"", "64x64")]
    [InlineData("size", "\"64x\"", "64x64")]
    [InlineData("size", "\"-64x64\"", "64x64")]
    [InlineData("size", "\"64x64x64\"", "64x64")]
    [InlineData("size", "64", "text")]
    [InlineData("seconds", "\"4\"", "3")]
    [InlineData("seconds", "8", "3")]
    [InlineData("seconds", "0", "3")]
    [InlineData("seconds", "-3", "3")]
    [InlineData("seconds", "[3]", "text or a number")]
    [InlineData("num_frames", "0", "1")]
    [InlineData("num_frames", "4097", "4096")]
    [InlineData("num_frames", "2.5", "a whole number")]
    [InlineData("fps", "0", "1")]
    [InlineData("fps", "121", "120")]
    [InlineData("num_inference_steps", "0", "1")]
    [InlineData("num_inference_steps", "1001", "1000")]
    [InlineData("guidance_scale", "-1", "0")]
    [InlineData("guidance_scale", "101", "100")]
    [InlineData("guidance_scale", "\"NaN\"", "a number")]
    [InlineData("guidance_scale", "1e999", "a number")]
    [InlineData("width", "7", "8")]
    [InlineData("height", "4104", "4096")]
    [InlineData("height", "99999999999", "a whole number")]
    [InlineData("seed", "\"lucky\"", "a whole number")]
    [InlineData("seed", "9223372036854775808", "a whole number")]
    [InlineData("leap", "\"far\"", "auto")]
    [InlineData("leap", "-1", "auto")]
    [InlineData("leap", "1000", "")]
    [InlineData("merge_steps", "-1", "0")]
    [InlineData("merge_steps", "1001", "")]
    [InlineData("memory", "\"much\"", "")]
    [InlineData("memory", "-1", "")]
    [InlineData("memory", "\"99999999999999999999GB\"", "")]
    [InlineData("seed", "-1", "0 or more")]
    [InlineData("negative_prompt", "\"blurry\"", "leave it out")]
    [InlineData("input_reference", "{\"image_url\":\"data:image/png;base64,AAAA\"}", "leave it out")]
    [InlineData("prompt", "\"  \"", "missing or empty")]
    [InlineData("prompt", "null", "missing or empty")]
    [InlineData("prompt", "7", "text")]
    [InlineData("prompt", "\"a red circle {\"", "leave it out")]
    [InlineData("prompt", "\"a red circle {\\\"reference_path\\\":\\\"/etc/passwd\\\"}\"", "")]
    [InlineData("prompt", "\"a red circle {\\\"reference_path\\\":\\\"\\\\ud800\\\"}\"", "leave it out")]
    [InlineData("promt", "\"a red circle\"", "prompt")]
    public async Task A_field_that_cannot_be_honoured_is_refused_by_its_name(string field, string value, string possible)
    {
        var prompt = field == "prompt" ? "" : "\"prompt\":\"a red circle\",";
        foreach (var path in (string[])["/v1/videos", "/v1/videos/plan"])
        {
            var error = (await _studio.PostAsync(path, $$"""{{{prompt}}"{{field}}":{{value}}}""")).Error(400);
            Assert.Equal((field, "invalid_request_error"), (error.Text("param"), error.Text("type")));
            Assert.Contains(possible, error.Text("message"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_the_model_cannot_make_becomes_the_nearest_where_that_is_allowed()
    {
        await using var studio = await Studio.StartAsync(options => options with { Nearest = true });
        await using var running = await studio.OccupyAsync();
        var id = await studio.CreateAsync("""{"prompt":"a red circle","size":"1280x720","seconds":"8","model":"sora-2-pro"}""");
        var video = (await studio.GetAsync("/v1/videos/" + id)).Json;
        Assert.Equal(("64x64", "3"), (video.Text("size"), video.Text("seconds")));
        Assert.Equal(["size 1280x720 became 64x64", "seconds 8 became 3"], Texts(video, "adjusted"));
        Assert.True((await studio.GetAsync("/v1/capabilities")).Json.GetProperty("nearest").GetBoolean());

        // A number of a million digits is repeated to nobody.
        var plan = (await studio.PostAsync("/v1/videos/plan", $$"""{"prompt":"a red circle","seconds":"{{new string('9', 500_000)}}"}""")).Json;
        Assert.InRange(Assert.Single(Texts(plan, "adjusted")).Length, 1, 100);
        Assert.Equal("size", (await studio.PostAsync("/v1/videos/plan", """{"prompt":"a red circle","size":"wide"}""")).Error(400).Text("param"));
    }

    [Fact]
    public async Task Every_extension_field_is_honoured()
    {
        var video = await _studio.MakeAsync(
            """{"prompt":"a red circle","width":24,"height":16,"num_frames":3,"fps":5,"num_inference_steps":4,"guidance_scale":3.5,"seed":9,"leap":1,"merge_steps":2,"memory":"1.5GB"}""");
        Assert.Equal(("24x16", 3, 5, 4), (video.Text("size"), video.Number("num_frames"), video.Number("fps"), video.Number("num_inference_steps")));
        Assert.Equal((3.5f, 9, 1, 2, 1_500_000_000), (video.GetProperty("guidance_scale").GetSingle(), video.Number("seed"), video.Number("leap"), video.Number("merge_steps"), video.Number("memory")));
        // The step that leapt was the second and last.
        Assert.Equal((1, 2), (video.Number("leap_step"), video.Number("executed_steps")));
        Assert.Equal("0.6", video.Text("seconds"));
        Assert.Empty(Texts(video, "adjusted"));
    }

    [NeedsFfmpegFact]
    public async Task The_file_has_the_size_the_frames_and_the_rate_that_were_asked_for()
    {
        var video = await _studio.MakeAsync("""{"prompt":"a red circle","width":24,"height":16,"num_frames":3,"fps":5,"num_inference_steps":1}""");
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["video.mp4"], (await _studio.GetAsync($"/v1/videos/{video.Text("id")}/content")).Body);
        var probe = await Programs.RunAsync("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames,avg_frame_rate", "-of", "csv=p=0", folder["video.mp4"]]);
        Assert.Equal("5/1,3", probe.Output.Trim());
        Assert.Equal(3, (await VideoReader.ReadAsync(folder["video.mp4"], 24, 16).ToListAsync()).Count);
    }

    [Fact]
    public async Task The_same_seed_makes_the_same_bytes_and_another_seed_others()
    {
        var one = await ContentAsync(await _studio.MakeAsync(Small("\"seed\":5")));
        Assert.Equal(one, await ContentAsync(await _studio.MakeAsync(Small("\"seed\":\"5\""))));
        Assert.NotEqual(one, await ContentAsync(await _studio.MakeAsync(Small("\"seed\":6"))));
    }

    [Fact]
    public async Task A_remix_keeps_everything_but_the_prompt()
    {
        var source = await _studio.MakeAsync(Small("\"seed\":11,\"fps\":7,\"guidance_scale\":4,\"leap\":\"auto\",\"merge_steps\":1,\"memory\":\"1GB\""));
        var answer = await _studio.PostAsync($"/v1/videos/{source.Text("id")}/remix", """{"prompt":"a red circle moving left"}""");
        var remix = await _studio.WaitForAsync(answer.Json.Text("id"), "completed");
        foreach (var key in (string[])["model", "seconds", "size", "seed", "num_frames", "fps", "num_inference_steps", "guidance_scale", "leap", "merge_steps", "memory", "adjusted"])
            Assert.Equal(source.GetProperty(key).GetRawText(), remix.GetProperty(key).GetRawText());
        Assert.Equal(("a red circle moving left", source.Text("id")), (remix.Text("prompt"), remix.Text("remixed_from_video_id")));

        // It stays when its source goes.
        await _studio.DeleteAsync("/v1/videos/" + source.Text("id"));
        Assert.Equal(source.Text("id"), (await VideoAsync(remix.Text("id"))).Text("remixed_from_video_id"));
        Assert.Equal("prompt", (await _studio.PostAsync($"/v1/videos/{remix.Text("id")}/remix", "{}")).Error(400).Text("param"));
        Assert.Equal("seed", (await _studio.PostAsync($"/v1/videos/{remix.Text("id")}/remix", """{"prompt":"a star","seed":1}""")).Error(400).Text("param"));
        Assert.Equal("id", (await _studio.PostAsync($"/v1/videos/{source.Text("id")}/remix", """{"prompt":"a star"}""")).Error(404).Text("param"));
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("🟥🔵 ein roter Kreis, 赤い円 \u202e")]
    [InlineData("\"; rm -rf / #\n%s%n$HOME")]
    [InlineData("<script>alert(1)</script>")]
    public async Task Any_prompt_that_is_text_is_kept_as_it_is(string prompt)
    {
        var video = await _studio.MakeAsync(Small(prompt));
        Assert.Equal(prompt, video.Text("prompt"));
        Assert.DoesNotContain("<script>alert", (await _studio.GetAsync($"/v1/videos/{video.Text("id")}/timeline")).Text, StringComparison.Ordinal);

        static string Small(string prompt) => JsonSerializer.Serialize(new { prompt, width = 16, height = 16, num_frames = 1, num_inference_steps = 1 });
    }

    [Fact]
    public async Task The_longest_prompt_is_taken_and_a_longer_one_is_not()
    {
        var video = await _studio.MakeAsync(Small(32_000));
        Assert.Equal(32_000, video.Text("prompt").Length);
        var error = (await _studio.PostAsync("/v1/videos", Small(32_001))).Error(400);
        Assert.Equal(("prompt", "string_above_max_length"), (error.Text("param"), error.Text("code")));

        static string Small(int length) => $$"""{"prompt":"{{new string('é', length)}}","width":16,"height":16,"num_frames":1,"num_inference_steps":1}""";
    }

    [Fact]
    public async Task A_video_that_waits_or_runs_can_be_cancelled_and_resumed()
    {
        var running = await _studio.CreateAsync("""{"prompt":"a red circle","width":32,"height":32,"num_frames":4,"num_inference_steps":200,"leap":"off"}""");
        var waiting = await _studio.CreateAsync();
        Assert.Equal("cancelled", (await _studio.PostAsync($"/v1/videos/{waiting}/cancel")).Json.GetProperty("error").Text("code"));
        await StudioExtensions.UntilAsync(async () => (await VideoAsync(running)).Number("progress") >= 10);
        var cancelled = (await _studio.PostAsync($"/v1/videos/{running}/cancel")).Json;
        Assert.Equal(("failed", "cancelled"), (cancelled.Text("status"), cancelled.GetProperty("error").Text("code")));
        Assert.Equal("video_over", (await _studio.PostAsync($"/v1/videos/{running}/cancel")).Error(409).Text("code"));
        Assert.Equal("video_failed", (await _studio.GetAsync($"/v1/videos/{running}/content")).Error(409).Text("code"));
        Assert.Contains(await EventsAsync($"/v1/videos/{running}/events"), told => told.Name == "step");

        var resumed = (await _studio.PostAsync($"/v1/videos/{running}/resume")).Json;
        Assert.True(resumed.IsNull("error") && resumed.Text("status") is "queued" or "in_progress", resumed.GetRawText());
        Assert.InRange(resumed.Number("progress"), cancelled.Number("progress"), 99);
        var done = await _studio.WaitForAsync(running, "completed");
        Assert.Equal(200, done.Number("executed_steps"));
        Assert.Equal("video_not_failed", (await _studio.PostAsync($"/v1/videos/{running}/resume")).Error(409).Text("code"));
        Assert.Equal("failed", (await VideoAsync(waiting)).Text("status"));
    }

    [Fact]
    public async Task A_video_says_when_it_will_be_deleted_once_it_is_done()
    {
        await using var studio = await Studio.StartAsync(options => options with { Keep = TimeSpan.FromDays(2) });
        await using var running = await studio.OccupyAsync();
        Assert.True((await studio.GetAsync("/v1/videos/" + running.Id)).Json.IsNull("expires_at"));
        await running.DisposeAsync();
        var video = await studio.MakeAsync();
        Assert.Equal(video.Number("completed_at") + 2 * 24 * 3600, video.Number("expires_at"));
    }

    [Fact]
    public async Task A_waiting_video_can_be_moved_to_any_place()
    {
        await using var running = await _studio.OccupyAsync();
        string[] ids = [await _studio.CreateAsync(), await _studio.CreateAsync(), await _studio.CreateAsync()];
        Assert.Equal("0 1 2", await PositionsAsync(ids));
        Assert.Equal(0, (await MoveAsync(ids[2], "0")).Json.Number("queue_position"));
        Assert.Equal("1 2 0", await PositionsAsync(ids));
        await MoveAsync(ids[2], "1");
        Assert.Equal("0 2 1", await PositionsAsync(ids));
        await MoveAsync(ids[0], "2147483647");
        Assert.Equal("2 1 0", await PositionsAsync(ids));

        foreach (var position in (string[])["-1", "null", "\"first\"", "1.5", "2147483648"]) Assert.Equal("position", (await MoveAsync(ids[0], position)).Error(400).Text("param"));
        Assert.Equal("video_not_queued", (await MoveAsync(running.Id, "0")).Error(409).Text("code"));
        foreach (var id in ids) await _studio.DeleteAsync("/v1/videos/" + id);

        Task<Answer> MoveAsync(string id, string position) => _studio.PostAsync($"/v1/videos/{id}/move", $$"""{"position":{{position}}}""");
    }

    [Fact]
    public async Task Events_tell_a_video_from_its_beginning_to_its_end()
    {
        string id;
        Task<List<(string Name, JsonElement Data)>> listening;
        await using (await _studio.OccupyAsync())
        {
            id = await _studio.CreateAsync("""{"prompt":"a red circle","width":16,"height":16,"num_frames":2,"num_inference_steps":6}""");
            listening = EventsAsync($"/v1/videos/{id}/events");
        }
        var events = await listening;

        Assert.Equal("video", events[0].Name);
        Assert.Equal("completed", events[^1].Data.Text("status"));
        var videos = events.Where(happened => happened.Name == "video").Select(happened => happened.Data).ToList();
        foreach (var video in videos) AssertShape(video, video.Text("status"));
        Assert.Equal(videos.Select(video => video.Number("progress")).Order(), videos.Select(video => video.Number("progress")));
        var steps = events.Where(happened => happened.Name == "step").Select(happened => happened.Data).ToList();
        Assert.Equal([1, 2, 3, 4, 5, 6], steps.Where(step => step.Text("stage") == "denoising").Select(step => step.Number("completed")).Where(step => step > 0));
        foreach (var step in steps)
            Assert.Equal(["stage", "completed", "total", "elapsed_s", "remaining_s", "memory_bytes", "resident_bytes", "similarity", "leapt", "preview"], step.EnumerateObject().Select(member => member.Name));

        // Afterwards there is the end alone.
        var over = Assert.Single(await EventsAsync($"/v1/videos/{id}/events"));
        Assert.Equal(("video", "completed"), (over.Name, over.Data.Text("status")));
        (await _studio.GetAsync("/v1/videos/none/events")).Error(404);
    }

    [Fact]
    public async Task Events_of_all_videos_tell_of_creation_completion_and_deletion()
    {
        using var response = await _studio.Client.GetAsync("/v1/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal(":", await reader.ReadLineAsync());
        var id = await _studio.CreateAsync();
        await _studio.WaitForAsync(id, "completed");
        await _studio.DeleteAsync("/v1/videos/" + id);

        List<string> told = [];
        await foreach (var (name, data) in ReadEventsAsync(reader))
        {
            if (data.Text("id") != id) continue;
            told.Add(name == "video" ? data.Text("status") : name);
            if (name == "deleted") break;
        }
        Assert.Equal(["queued", "in_progress", "completed", "deleted"], told.Distinct());
        Assert.DoesNotContain("step", told);
    }

    [Fact]
    public async Task A_plan_says_what_a_video_would_take_and_makes_none()
    {
        var before = (await _studio.GetAsync("/v1/videos?limit=1")).Json.GetProperty("first_id").GetRawText();
        var plan = (await _studio.PostAsync("/v1/videos/plan", """{"prompt":"a red circle"}""")).Json;
        Assert.Equal(
            ["size", "seconds", "num_frames", "fps", "num_inference_steps", "adjusted", "budget_mb", "peak_memory_mb", "expected_s", "decode_tile", "stages", "waiting", "waiting_s"],
            plan.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("64x64", "3", 34, 12, 30), (plan.Text("size"), plan.Text("seconds"), plan.Number("num_frames"), plan.Number("fps"), plan.Number("num_inference_steps")));
        Assert.InRange(plan.GetProperty("peak_memory_mb").GetDouble(), 1, plan.GetProperty("budget_mb").GetDouble());
        var stages = plan.GetProperty("stages").EnumerateArray().ToList();
        Assert.Equal(["text_encoding", "denoising", "temporal_decoding", "spatial_decoding"], stages.Select(stage => stage.Text("stage")));
        foreach (var stage in stages) Assert.Equal(["stage", "expected_s", "peak_memory_mb", "load_mb", "blocks", "resident_blocks"], stage.EnumerateObject().Select(member => member.Name));
        Assert.Equal(before, (await _studio.GetAsync("/v1/videos?limit=1")).Json.GetProperty("first_id").GetRawText());
        Assert.Contains("need a budget of at least", (await _studio.PostAsync("/v1/videos/plan", """{"prompt":"a red circle","memory":"1MB"}""")).Error(400).Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_video_has_a_report_and_a_timeline()
    {
        var id = (await _studio.MakeAsync()).Text("id");
        var report = (await _studio.GetAsync($"/v1/videos/{id}/report")).Json;
        Assert.Equal(["steps", "memory", "seconds"], report.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["text_encoding", "denoising", "decoding", "total"], report.GetProperty("seconds").EnumerateObject().Select(member => member.Name));
        Assert.Equal(2, report.GetProperty("steps").EnumerateArray().Where(step => step.Text("stage") == "denoising").Max(step => step.Number("completed")));
        foreach (var point in report.GetProperty("memory").EnumerateArray()) Assert.Equal(["at_s", "resident_mb", "budget_mb"], point.EnumerateObject().Select(member => member.Name));

        var timeline = await _studio.GetAsync($"/v1/videos/{id}/timeline");
        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8"), (timeline.Status, timeline.ContentHeaders.ContentType?.ToString()));
        Assert.StartsWith("default-src 'none'", timeline.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_video_has_a_report_and_a_preview_but_no_timeline()
    {
        await using var running = await _studio.OccupyAsync();
        var waiting = await _studio.CreateAsync();
        (await _studio.GetAsync($"/v1/videos/{waiting}/preview")).Error(404);
        Assert.Equal(0, (await _studio.GetAsync($"/v1/videos/{waiting}/report")).Json.GetProperty("steps").GetArrayLength());
        Assert.Equal("video_not_ready", (await _studio.GetAsync($"/v1/videos/{running.Id}/timeline")).Error(409).Text("code"));

        Answer still = null!;
        await StudioExtensions.UntilAsync(async () => (still = await _studio.GetAsync($"/v1/videos/{running.Id}/preview?still=true")).Status == HttpStatusCode.OK);
        var moving = await _studio.GetAsync($"/v1/videos/{running.Id}/preview");
        foreach (var picture in (Answer[])[still, moving])
        {
            Assert.Equal(("image/png", "no-store"), (picture.ContentHeaders.ContentType?.ToString(), picture.Headers.CacheControl?.ToString()));
            Assert.Equal("PNG"u8.ToArray(), picture.Body[1..4]);
        }
        Assert.True(Animated(moving.Body) && !Animated(still.Body));
        Assert.True((await _studio.GetAsync($"/v1/videos/{running.Id}/report")).Json.GetProperty("steps").GetArrayLength() > 0);
        (await _studio.GetAsync($"/v1/videos/{running.Id}/preview?still=perhaps")).Error(400);
        await _studio.DeleteAsync("/v1/videos/" + waiting);

        static bool Animated(byte[] png) => png.AsSpan().IndexOf("acTL"u8) > 0;
    }

    [NeedsFfmpegFact]
    public async Task Two_finished_videos_can_be_compared()
    {
        string left = (await _studio.MakeAsync(Small("\"seed\":1"))).Text("id"), right = (await _studio.MakeAsync(Small("\"seed\":2"))).Text("id");
        var other = (await _studio.MakeAsync("""{"prompt":"a red circle","width":24,"height":16,"num_frames":1,"num_inference_steps":1}""")).Text("id");
        var same = (await _studio.GetAsync($"/v1/videos/compare?left={left}&right={left}")).Json;
        Assert.Equal((2, 1.0, 100.0), (same.Number("frames"), same.GetProperty("ssim").GetDouble(), same.GetProperty("psnr_db").GetDouble()));
        var different = (await _studio.GetAsync($"/v1/videos/compare?left={left}&right={right}")).Json;
        Assert.Equal(["left", "right", "frames", "ssim", "psnr_db", "frame_ssim"], different.EnumerateObject().Select(member => member.Name));
        Assert.Equal((left, right, 2), (different.Text("left"), different.Text("right"), different.GetProperty("frame_ssim").GetArrayLength()));
        Assert.InRange(different.GetProperty("ssim").GetDouble(), -1, 0.999);

        Assert.Equal("right", (await _studio.GetAsync($"/v1/videos/compare?left={left}&right={other}")).Error(400).Text("param"));
        Assert.Equal("right", (await _studio.GetAsync($"/v1/videos/compare?left={left}")).Error(400).Text("param"));
        Assert.Equal("left", (await _studio.GetAsync($"/v1/videos/compare?left=none&right={left}")).Error(404).Text("param"));
        await using var running = await _studio.OccupyAsync();
        Assert.Equal("video_not_ready", (await _studio.GetAsync($"/v1/videos/compare?left={left}&right={running.Id}")).Error(409).Text("code"));
    }

    [Fact]
    public async Task Capabilities_say_what_a_request_may_ask_for()
    {
        var can = (await _studio.GetAsync("/v1/capabilities")).Json;
        Assert.Equal(["model", "sizes", "seconds", "defaults", "limits", "presets", "memory", "mp4", "input_reference", "nearest"], can.EnumerateObject().Select(member => member.Name));
        Assert.Equal("opensora-tiny", can.GetProperty("model").Text("id"));
        Assert.Equal(["sora-2", "sora-2-pro"], Texts(can.GetProperty("model"), "aliases"));
        Assert.Equal(["64x64"], Texts(can, "sizes"));
        var length = Assert.Single(can.GetProperty("seconds").EnumerateArray());
        Assert.Equal(("3", 34), (length.Text("seconds"), length.Number("num_frames")));
        Assert.False(can.GetProperty("input_reference").GetBoolean());
        Assert.Equal(VideoReader.IsAvailable, can.GetProperty("mp4").GetBoolean());

        // Whatever it says can be asked for is accepted, and what a preset sets, too.
        var defaults = can.GetProperty("defaults");
        var asked = new Dictionary<string, object?> { ["prompt"] = "a red circle" };
        foreach (var field in defaults.EnumerateObject().Where(field => field.Name is not "num_frames")) asked[field.Name] = field.Value;
        Assert.Equal(HttpStatusCode.OK, (await _studio.PostAsync("/v1/videos/plan", JsonSerializer.Serialize(asked))).Status);
        foreach (var preset in can.GetProperty("presets").EnumerateArray())
        {
            foreach (var field in (string[])["num_inference_steps", "leap", "merge_steps"]) asked[field] = preset.GetProperty(field);
            var answer = await _studio.PostAsync("/v1/videos/plan", JsonSerializer.Serialize(asked));
            Assert.True(answer.Status == HttpStatusCode.OK, $"{preset.Text("id")}: {answer.Text}");
        }
    }

    [Fact]
    public async Task Content_is_sent_whole_in_parts_or_not_at_all_as_players_ask()
    {
        var video = await _studio.MakeAsync();
        var path = $"/v1/videos/{video.Text("id")}/content";
        var whole = await _studio.GetAsync(path);
        Assert.Equal(video.Text("content_type"), whole.ContentHeaders.ContentType?.ToString());
        Assert.Equal(("bytes", whole.Body.LongLength), (whole.Headers.AcceptRanges.Single(), whole.ContentHeaders.ContentLength));
        var tag = whole.Headers.ETag!.ToString();

        var head = await AskAsync(HttpMethod.Head);
        Assert.Equal((HttpStatusCode.OK, whole.Body.LongLength, tag, 0), (head.Status, head.ContentHeaders.ContentLength, head.Headers.ETag?.ToString(), head.Body.Length));
        await AssertPartAsync("bytes=4-7", whole.Body[4..8], $"bytes 4-7/{whole.Body.Length}");
        await AssertPartAsync("bytes=-5", whole.Body[^5..], $"bytes {whole.Body.Length - 5}-{whole.Body.Length - 1}/{whole.Body.Length}");
        await AssertPartAsync($"bytes={whole.Body.Length - 1}-", whole.Body[^1..], $"bytes {whole.Body.Length - 1}-{whole.Body.Length - 1}/{whole.Body.Length}");
        await AssertPartAsync("bytes=0-999999999", whole.Body, $"bytes 0-{whole.Body.Length - 1}/{whole.Body.Length}");

        var beyond = await AskAsync(HttpMethod.Get, ("Range", "bytes=999999999-"));
        beyond.Error(416);
        Assert.Equal($"bytes */{whole.Body.Length}", beyond.ContentHeaders.ContentRange?.ToString());
        Assert.Equal(("application/json", null), (beyond.ContentHeaders.ContentType?.MediaType, beyond.Headers.ETag?.ToString()));

        var same = await AskAsync(HttpMethod.Get, ("If-None-Match", tag));
        Assert.Equal((HttpStatusCode.NotModified, 0, tag), (same.Status, same.Body.Length, same.Headers.ETag?.ToString()));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Get, ("If-None-Match", "\"another\""))).Status);
        Assert.Equal(HttpStatusCode.PartialContent, (await AskAsync(HttpMethod.Get, ("Range", "bytes=0-0"), ("If-Range", tag))).Status);
        Assert.Equal(whole.Body, (await AskAsync(HttpMethod.Get, ("Range", "bytes=0-0"), ("If-Range", "\"another\""))).Body);
        (await AskAsync(HttpMethod.Get, ("If-Match", "\"another\""))).Error(412);
        Assert.Equal("variant", (await _studio.GetAsync(path + "?variant=poster")).Error(400).Text("param"));

        async Task AssertPartAsync(string range, byte[] part, string contentRange)
        {
            var answer = await AskAsync(HttpMethod.Get, ("Range", range));
            Assert.Equal((HttpStatusCode.PartialContent, contentRange), (answer.Status, answer.ContentHeaders.ContentRange?.ToString()));
            Assert.Equal(part, answer.Body);
        }

        async Task<Answer> AskAsync(HttpMethod method, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(method, path);
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            return await _studio.SendAsync(request);
        }
    }

    [Fact]
    public async Task What_needs_a_picture_or_a_video_to_begin_with_is_refused()
    {
        foreach (var route in (string[])["edits", "extensions", "characters"])
            Assert.Equal("unsupported_operation", (await _studio.PostAsync("/v1/videos/" + route, """{"prompt":"a red circle"}""")).Error(400).Text("code"));
        (await _studio.GetAsync("/v1/videos/characters/char_1")).Error(404);
        using var form = new MultipartFormDataContent { { new StringContent("a red circle"), "prompt" }, { new ByteArrayContent(new byte[3 << 20]), "input_reference", "picture.png" } };
        var error = (await _studio.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/videos") { Content = form })).Error(400);
        Assert.Equal(("input_reference", "unsupported_input"), (error.Text("param"), error.Text("code")));
    }

    private static string Small(string fields) => Studio.SmallVideo[..^1] + "," + fields + "}";

    private static List<string> Texts(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    /// <summary>The keys and their types, as they are in a status.</summary>
    private static void AssertShape(JsonElement video, string status)
    {
        Assert.Equal(Keys, video.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("video", status, "opensora-tiny"), (video.Text("object"), video.Text("status"), video.Text("model")));
        Assert.Matches(Id(), video.Text("id"));
        Assert.Matches(Size(), video.Text("size"));
        Assert.True(double.Parse(video.Text("seconds"), CultureInfo.InvariantCulture) > 0);
        Assert.InRange(video.Number("progress"), status == "completed" ? 100 : 0, status == "completed" ? 100 : 99);
        Assert.Matches(WholeNumber(), video.GetProperty("progress").GetRawText());
        foreach (var key in (string[])["created_at", "seed", "num_frames", "fps", "num_inference_steps", "merge_steps"]) Assert.Matches(WholeNumber(), video.GetProperty(key).GetRawText());
        Assert.Equal(JsonValueKind.Array, video.GetProperty("adjusted").ValueKind);
        Assert.True(video.IsNull("expires_at"));
        foreach (var key in (string[])["completed_at", "content_type"]) Assert.Equal(status != "completed", video.IsNull(key));
        // Known once the frames are there, when the file is still on its way.
        foreach (var key in (string[])["executed_steps", "inference_time_s", "peak_memory_mb"])
            if (status != "in_progress") Assert.Equal(status != "completed", video.IsNull(key));
        Assert.Equal(status != "queued", video.IsNull("queue_position"));
        if (status != "in_progress") Assert.True(video.IsNull("stage") && video.IsNull("remaining_s"));
        if (status == "failed") Assert.Equal(["code", "message"], video.GetProperty("error").EnumerateObject().Select(member => member.Name));
        else Assert.True(video.IsNull("error"));
    }

    private async Task<JsonElement> VideoAsync(string id) => (await _studio.GetAsync("/v1/videos/" + id)).Json;

    private async Task<byte[]> ContentAsync(JsonElement video) => (await _studio.GetAsync($"/v1/videos/{video.Text("id")}/content")).Body;

    private async Task<string> PositionsAsync(string[] ids) => string.Join(' ', (await Task.WhenAll(ids.Select(VideoAsync))).Select(video => video.Number("queue_position")));

    /// <summary>All events of a stream that ends.</summary>
    private async Task<List<(string Name, JsonElement Data)>> EventsAsync(string path)
    {
        using var response = await _studio.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        return await ReadEventsAsync(reader).ToListAsync();
    }

    private static async IAsyncEnumerable<(string Name, JsonElement Data)> ReadEventsAsync(StreamReader reader)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Length == 0 || line[0] == ':') continue;
            Assert.StartsWith("event: ", line, StringComparison.Ordinal);
            var data = await reader.ReadLineAsync(limit.Token);
            Assert.StartsWith("data: ", data, StringComparison.Ordinal);
            yield return (line["event: ".Length..], JsonSerializer.Deserialize<JsonElement>(data!["data: ".Length..]));
        }
    }

    [GeneratedRegex("^video_[0-9a-z]{26}$")]
    private static partial Regex Id();

    [GeneratedRegex("^[0-9]+x[0-9]+$")]
    private static partial Regex Size();

    [GeneratedRegex("^-?[0-9]+$")]
    private static partial Regex WholeNumber();
}
