using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using OnDeviceSora.Cli;

namespace OnDeviceSora.Bench.Studio;

/// <summary>The real <c>sora serve</c> in a process of its own, with a data folder that goes with it.</summary>
internal sealed class StudioProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private StudioProcess(Process process, string folder, string address) => (_process, _folder, Client) = (process, folder, new HttpClient { BaseAddress = new Uri(address) });

    public HttpClient Client { get; }

    /// <summary>Starts one and waits until it listens.</summary>
    /// <param name="model">The model's folder.</param>
    /// <param name="threads">Threads that compute.</param>
    public static async Task<StudioProcess> StartAsync(string model, int threads)
    {
        var folder = Directory.CreateTempSubdirectory("sora-bench-").FullName;
        string[] arguments = [typeof(ServeCommand).Assembly.Location, "serve", "--port", "0", "--data", folder, "--model", model, "--threads", $"{threads}"];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var address = await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) ?? throw new InvalidOperationException("sora serve did not start.");
        return new StudioProcess(process, folder, address);
    }

    /// <summary>Asks for a video.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> CreateAsync(object request)
    {
        using var answer = await Client.PostAsJsonAsync("/v1/videos", request).ConfigureAwait(false);
        var video = await answer.Content.ReadFromJsonAsync<JsonElement>().ConfigureAwait(false);
        return answer.IsSuccessStatusCode ? video.GetProperty("id").GetString()! : throw new InvalidOperationException(video.GetRawText());
    }

    /// <summary>A video as it is.</summary>
    public Task<JsonElement> GetAsync(string id) => Client.GetFromJsonAsync<JsonElement>("/v1/videos/" + id);

    /// <summary>Waits until a video is over.</summary>
    /// <returns>Seconds that its generation took.</returns>
    public async Task<double> FinishAsync(string id)
    {
        while (true)
        {
            var video = await GetAsync(id).ConfigureAwait(false);
            switch (video.GetProperty("status").GetString())
            {
                case "completed":
                    return video.GetProperty("inference_time_s").GetDouble();
                case "failed":
                    throw new InvalidOperationException(video.GetRawText());
                default:
                    await Task.Delay(250).ConfigureAwait(false);
                    break;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
