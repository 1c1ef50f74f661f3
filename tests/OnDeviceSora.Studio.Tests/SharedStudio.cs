using System.Text.Json;

namespace OnDeviceSora.Studio.Tests;

/// <summary>One studio for the tests of a class, which run one after another: each cleans up what others would stumble over.</summary>
public sealed class SharedStudio : IAsyncLifetime
{
    private string? _finished;

    public Studio Studio { get; private set; } = null!;

    /// <summary>The id of a video that is done.</summary>
    public async Task<string> FinishedAsync() => _finished ??= (await Studio.MakeAsync()).Text("id");

    public async Task InitializeAsync() => Studio = await Studio.StartAsync();

    public async Task DisposeAsync() => await Studio.DisposeAsync();
}

/// <summary>One studio that wants a key, <c>secret</c>, and one that pages of <c>https://allowed.example</c> may call.</summary>
public sealed class GuardedStudios : IAsyncLifetime
{
    public Studio Keyed { get; private set; } = null!;

    public Studio Allowing { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Keyed = await Studio.StartAsync(options => options with { ApiKey = "secret" });
        Allowing = await Studio.StartAsync(options => options with { AllowedOrigins = ["https://allowed.example"] });
    }

    public async Task DisposeAsync()
    {
        await Keyed.DisposeAsync();
        await Allowing.DisposeAsync();
    }
}

/// <summary>What several tests ask of a studio.</summary>
internal static class StudioExtensions
{
    /// <summary>Runs until it is cancelled, for all that a test cares.</summary>
    public const string LongVideo = """{"prompt":"a red circle","num_inference_steps":1000,"leap":"off"}""";

    /// <summary>Creates a video and waits for it.</summary>
    public static async Task<JsonElement> MakeAsync(this Studio studio, string json = Studio.SmallVideo) => await studio.WaitForAsync(await studio.CreateAsync(json), "completed");

    /// <summary>Creates a video that runs until it is disposed; others wait meanwhile.</summary>
    public static async Task<Occupation> OccupyAsync(this Studio studio)
    {
        var id = await studio.CreateAsync(LongVideo);
        await studio.WaitForAsync(id, "in_progress");
        return new Occupation(studio, id);
    }

    /// <summary>Deletes all videos.</summary>
    public static async Task ClearAsync(this Studio studio)
    {
        while ((await studio.GetAsync("/v1/videos?limit=100&order=desc")).Json.GetProperty("data").EnumerateArray().ToList() is { Count: > 0 } videos)
            foreach (var video in videos) Assert.Equal(System.Net.HttpStatusCode.OK, (await studio.DeleteAsync("/v1/videos/" + video.Text("id"))).Status);
    }

    /// <summary>Asks again until it is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!await isSo()) await Task.Delay(1, limit.Token);
    }

    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    public static int Number(this JsonElement json, string name) => json.GetProperty(name).GetInt32();

    public static bool IsNull(this JsonElement json, string name) => json.GetProperty(name).ValueKind == JsonValueKind.Null;
}

/// <summary>A video that keeps the studio busy.</summary>
internal sealed record Occupation(Studio Studio, string Id) : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await Studio.DeleteAsync("/v1/videos/" + Id);
}
