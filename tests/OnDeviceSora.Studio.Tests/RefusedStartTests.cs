using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace OnDeviceSora.Studio.Tests;

/// <summary>Starts that cannot work end with one clear line and an exit code; a disk that is full ends the video, not the server.</summary>
public sealed class RefusedStartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task A_second_server_on_the_same_folder_is_refused()
    {
        await using var first = await ServeProcess.StartAsync(_folder["data"]);
        var (code, error) = await ServeProcess.RunAsync(_folder["data"], null);
        Assert.Equal(4, code);
        Assert.Contains("another sora serve uses this folder", error, StringComparison.Ordinal);
        Assert.Contains("--data", error, StringComparison.Ordinal);
        Assert.DoesNotContain(" at OnDeviceSora", error, StringComparison.Ordinal);
    }

    [ProcessFact]
    public async Task A_port_that_is_taken_is_refused()
    {
        await using var first = await ServeProcess.StartAsync(_folder["data"]);
        var port = new Uri(first.Address).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var (code, error) = await ServeProcess.RunAsync(_folder["other"], null, "--port", port);
        Assert.Equal(2, code);
        Assert.Contains("--port", error, StringComparison.Ordinal);
        Assert.Contains(port, error, StringComparison.Ordinal);
    }

    [ProcessFact]
    public async Task An_address_that_others_can_reach_needs_a_key()
    {
        var (code, error) = await ServeProcess.RunAsync(_folder["data"], null, "--address", "0.0.0.0");
        Assert.Equal(2, code);
        Assert.Contains("--api-key", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [ProcessFact]
    public async Task A_folder_that_is_a_file_and_a_model_that_is_missing_are_refused()
    {
        File.WriteAllText(_folder["file"], "");
        var (code, error) = await ServeProcess.RunAsync(_folder["file"], null);
        Assert.Equal(4, code);
        Assert.Contains("--data", error, StringComparison.Ordinal);
        (code, error) = await ServeProcess.RunAsync(_folder["data"], null, "--model", _folder["nothing"]);
        Assert.Equal(3, code);
        Assert.Contains(_folder["nothing"], error, StringComparison.Ordinal);
    }

    /// <summary>/proc can be written by nobody, not even by root.</summary>
    [LinuxFact]
    public async Task A_folder_that_cannot_be_written_is_refused()
    {
        var (code, error) = await ServeProcess.RunAsync("/proc/sora-data", null);
        Assert.Equal(4, code);
        Assert.Contains("--data", error, StringComparison.Ordinal);
    }

    /// <summary>A file system of one megabyte, filled up while the server runs.</summary>
    [SmallDiskFact]
    public async Task On_a_full_disk_videos_fail_with_the_reason_and_with_room_they_go_on()
    {
        await using var disk = await SmallDisk.MountAsync(_folder["disk"], megabytes: 4);
        await using var serve = await ServeProcess.StartAsync(Path.Combine(disk.Path, "data"));
        using var client = new HttpClient { BaseAddress = new Uri(serve.Address) };
        var running = await CreateAsync(client, steps: 1000);
        await WaitAsync(client, running, "in_progress");
        disk.Fill();
        var failed = await WaitAsync(client, running, "failed");
        Assert.Equal("disk_full", failed.GetProperty("error").GetProperty("code").GetString());
        using var refused = await client.PostAsync("/v1/videos", JsonContent.Create(new { prompt = "a red circle" }));
        Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);
        Assert.Equal("server_error", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("type").GetString());

        disk.MakeRoom();
        using var resumed = await client.PostAsync($"/v1/videos/{running}/resume", null);
        Assert.Equal(HttpStatusCode.OK, resumed.StatusCode);
        using var cancelled = await client.PostAsync($"/v1/videos/{running}/cancel", null);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        var small = await CreateAsync(client, steps: 2);
        await WaitAsync(client, small, "completed");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(disk.Path, "data"), "*.partial", SearchOption.AllDirectories));
    }

    private static async Task<string> CreateAsync(HttpClient client, int steps)
    {
        using var answer = await client.PostAsync("/v1/videos", JsonContent.Create(new { prompt = "a red circle", width = 32, height = 32, num_frames = 17, num_inference_steps = steps }));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> WaitAsync(HttpClient client, string id, string status)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60); await Task.Delay(20))
        {
            var video = await client.GetFromJsonAsync<JsonElement>("/v1/videos/" + id);
            if (video.GetProperty("status").GetString() == status) return video;
        }

        throw new TimeoutException($"{id} never was {status}");
    }
}
