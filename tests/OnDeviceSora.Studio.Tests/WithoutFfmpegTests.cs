using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace OnDeviceSora.Studio.Tests;

/// <summary>A machine without ffmpeg: videos are animated pictures, and what needs ffmpeg says so.</summary>
public sealed class WithoutFfmpegTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task Videos_are_animated_pictures()
    {
        await using var serve = await ServeProcess.StartAsync(_folder["data"], new Dictionary<string, string> { ["SORA_FFMPEG"] = "/nonexistent" });
        using var client = new HttpClient { BaseAddress = new Uri(serve.Address) };
        Assert.False((await client.GetFromJsonAsync<JsonElement>("/v1/capabilities")).GetProperty("mp4").GetBoolean());
        using var created = await client.PostAsync("/v1/videos", JsonContent.Create(new { prompt = "a red circle", width = 16, height = 16, num_frames = 2, num_inference_steps = 2 }));
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        JsonElement video;
        while ((video = await client.GetFromJsonAsync<JsonElement>("/v1/videos/" + id)).GetProperty("status").GetString() != "completed")
        {
            Assert.NotEqual("failed", video.GetProperty("status").GetString());
            await Task.Delay(20);
        }

        Assert.Equal("image/png", video.GetProperty("content_type").GetString());
        using var content = await client.GetAsync($"/v1/videos/{id}/content");
        Assert.Equal("image/png", content.Content.Headers.ContentType!.MediaType);
        Assert.Contains("acTL", System.Text.Encoding.Latin1.GetString(await content.Content.ReadAsByteArrayAsync()), StringComparison.Ordinal);
        using var comparison = await client.GetAsync($"/v1/videos/compare?left={id}&right={id}");
        Assert.Equal(HttpStatusCode.Conflict, comparison.StatusCode);
        Assert.Contains("ffmpeg", await comparison.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
