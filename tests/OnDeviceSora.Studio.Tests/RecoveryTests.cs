using System.Net;
using System.Text.Json;

namespace OnDeviceSora.Studio.Tests;

/// <summary>What a server finds when it starts: work that was interrupted, and folders that are damaged.</summary>
public sealed class RecoveryTests : IDisposable
{
    private const string LongVideo = """{"prompt":"a red circle","width":32,"height":32,"num_frames":17,"num_inference_steps":1000,"leap":"off"}""";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_stopped_server_goes_on_where_it_was_with_progress_that_never_falls()
    {
        string running, waiting;
        JsonElement before;
        await using (var studio = await StartAsync())
        {
            running = await studio.CreateAsync(LongVideo);
            waiting = await studio.CreateAsync();
            before = await WaitForProgressAsync(studio, running, 10);
        }

        await using var again = await StartAsync();
        var after = (await again.GetAsync("/v1/videos/" + running)).Json;
        Assert.Equal("in_progress", after.GetProperty("status").GetString());
        Assert.InRange(after.GetProperty("progress").GetInt32(), before.GetProperty("progress").GetInt32(), 99);
        Assert.Equal("queued", (await again.GetAsync("/v1/videos/" + waiting)).Json.GetProperty("status").GetString());
        var later = await WaitForProgressAsync(again, running, after.GetProperty("progress").GetInt32() + 1);
        Assert.Equal("in_progress", later.GetProperty("status").GetString());
        var steps = (await again.GetAsync($"/v1/videos/{running}/report")).Json.GetProperty("steps").EnumerateArray().Where(step => step.GetProperty("stage").GetString() == "denoising").Select(step => step.GetProperty("completed").GetInt32()).ToList();
        Assert.Equal(steps.Order(), steps);
        Assert.Equal(1, steps.Count(step => step == 1));
    }

    [Fact]
    public async Task An_interrupted_video_is_the_same_as_one_that_was_not()
    {
        const string Request = """{"prompt":"a red circle","width":32,"height":32,"num_frames":17,"num_inference_steps":60,"leap":"off"}""";
        string id;
        await using (var studio = await StartAsync())
        {
            id = await studio.CreateAsync(Request);
            await WaitForProgressAsync(studio, id, 5);
        }

        await using var again = await StartAsync();
        await again.WaitForAsync(id, "completed");
        var whole = await again.CreateAsync(Request);
        await again.WaitForAsync(whole, "completed");
        Assert.Equal((await again.GetAsync($"/v1/videos/{whole}/content")).Body, (await again.GetAsync($"/v1/videos/{id}/content")).Body);
    }

    [Fact]
    public async Task A_cancelled_video_can_be_resumed_and_goes_on()
    {
        await using var studio = await StartAsync();
        var id = await studio.CreateAsync("""{"prompt":"a red circle","width":32,"height":32,"num_frames":17,"num_inference_steps":200,"leap":"off"}""");
        await WaitForProgressAsync(studio, id, 5);
        var cancelled = (await studio.PostAsync($"/v1/videos/{id}/cancel")).Json;
        Assert.Equal("failed", cancelled.GetProperty("status").GetString());
        Assert.Equal("cancelled", cancelled.GetProperty("error").GetProperty("code").GetString());
        var resumed = (await studio.PostAsync($"/v1/videos/{id}/resume")).Json;
        Assert.InRange(resumed.GetProperty("progress").GetInt32(), cancelled.GetProperty("progress").GetInt32(), 99);
        var done = await studio.WaitForAsync(id, "completed");
        Assert.Equal(JsonValueKind.Null, done.GetProperty("error").ValueKind);
    }

    [Fact]
    public async Task A_video_whose_file_is_there_but_not_noted_is_not_made_again()
    {
        string id;
        await using (var studio = await StartAsync())
        {
            id = await studio.CreateAsync();
            await studio.WaitForAsync(id, "completed");
        }

        var (job, file) = (Path.Combine(_folder["data"], id, "job.json"), Directory.GetFiles(Path.Combine(_folder["data"], id), "video.*").First(name => !name.EndsWith(".json", StringComparison.Ordinal)));
        File.WriteAllText(job, File.ReadAllText(job).Replace("\"completed\"", "\"in_progress\"", StringComparison.Ordinal));
        var written = File.GetLastWriteTimeUtc(file);
        await using var again = await StartAsync();
        await again.WaitForAsync(id, "completed");
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
    }

    [Fact]
    public async Task A_damaged_state_starts_the_video_anew_and_a_damaged_job_is_left_alone()
    {
        string id, damaged;
        await using (var studio = await StartAsync())
        {
            damaged = await studio.CreateAsync();
            await studio.WaitForAsync(damaged, "completed");
            id = await studio.CreateAsync("""{"prompt":"a red circle","width":32,"height":32,"num_frames":17,"num_inference_steps":60,"leap":"off"}""");
            await WaitForProgressAsync(studio, id, 5);
        }

        File.WriteAllText(Path.Combine(_folder["data"], damaged, "job.json"), "{ \"id\": ");
        File.WriteAllText(Path.Combine(_folder["data"], id, "checkpoint", GenerationCheckpoint.FileName), "nonsense");
        await using var again = await StartAsync();
        await again.WaitForAsync(id, "completed");
        (await again.GetAsync("/v1/videos/" + damaged)).Error(404);
        Assert.True(Directory.Exists(Path.Combine(_folder["data"], damaged)));
    }

    [Fact]
    public async Task A_model_that_is_gone_fails_the_video_with_a_reason_and_no_path_and_the_server_goes_on()
    {
        var model = _folder["model"];
        CopyModel(model);
        await using var studio = await StartAsync(model);
        Directory.Move(model, model + ".away");
        var id = await studio.CreateAsync();
        var failed = await studio.WaitForAsync(id, "failed");
        Assert.Equal("model_unavailable", failed.GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain(_folder.Path, failed.GetRawText(), StringComparison.Ordinal);
        (await studio.GetAsync($"/v1/videos/{id}/content")).Error(409);

        Directory.Move(model + ".away", model);
        Assert.Equal(HttpStatusCode.OK, (await studio.PostAsync($"/v1/videos/{id}/resume")).Status);
        await studio.WaitForAsync(id, "completed");
    }

    [Fact]
    public async Task Videos_run_in_the_order_they_were_moved_to()
    {
        await using var studio = await StartAsync();
        var blocker = await studio.CreateAsync(LongVideo);
        await studio.WaitForAsync(blocker, "in_progress");
        var (first, second, third) = (await studio.CreateAsync(), await studio.CreateAsync(), await studio.CreateAsync());
        Assert.Equal(0, (await studio.PostAsync($"/v1/videos/{third}/move", """{"position":0}""")).Json.GetProperty("queue_position").GetInt32());
        Assert.Equal(2, (await studio.PostAsync($"/v1/videos/{first}/move", """{"position":99}""")).Json.GetProperty("queue_position").GetInt32());
        await studio.PostAsync($"/v1/videos/{blocker}/cancel");
        var done = new List<JsonElement>();
        foreach (var id in (string[])[first, second, third]) done.Add(await studio.WaitForAsync(id, "completed"));
        Assert.Equal([third, second, first], done.Select(video => video.GetProperty("id").GetString()).OrderBy(id => File.GetLastWriteTimeUtc(Path.Combine(_folder["data"], id!, "report.json"))));
        (await studio.PostAsync($"/v1/videos/{first}/move", """{"position":0}""")).Error(409);
    }

    private Task<Studio> StartAsync(string? model = null) => Studio.StartAsync(options => options with { Model = model ?? options.Model }, _folder["data"]);

    private static async Task<JsonElement> WaitForProgressAsync(Studio studio, string id, int percent)
    {
        while (true)
        {
            var video = (await studio.GetAsync("/v1/videos/" + id)).Json;
            if (video.GetProperty("progress").GetInt32() >= percent) return video;
            Assert.False(video.GetProperty("status").GetString() is "failed" or "completed", video.GetRawText());
            await Task.Delay(10);
        }
    }

    private static void CopyModel(string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(EmbeddedModel.Folder)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
    }
}
