using System.Globalization;
using System.Text.Json;
using OnDeviceSora.Tests.Hub;
using Xunit.Abstractions;

namespace OnDeviceSora.Cli.Tests;

/// <summary>The real <c>sora pull</c> in processes of its own, against a hub on this machine that misbehaves.</summary>
public sealed class PullProgramTests(ITestOutputHelper log) : IAsyncLifetime
{
    private const int Kills = 20, WeightBytes = 8_000_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("sora-pull-").FullName;
    private LocalHub _hub = null!;

    private string Cache => Path.Combine(_folder, "hub");

    public async Task InitializeAsync() => _hub = await LocalHub.StartAsync(LocalHubRepository.OpenSora(WeightBytes));

    [ProgramFact]
    public async Task Killed_twenty_times_at_random_bytes_it_ends_complete()
    {
        var random = new Random(20);
        var faults = new ServerFaults(seed: 7);
        _hub.Fault = faults.Next;
        _hub.BytesPerSecond = 5_000_000;
        for (int kills = 0, runs = 0; kills < Kills; runs++)
        {
            Assert.True(runs < 2 * Kills, "it is never killed while it works");
            using var sora = Start();
            // Up to 3 MB after the run began: inside a part, between parts, between files, while a file is checked.
            var reached = _hub.AfterAsync(random.Next(3_000_000));
            if (await Task.WhenAny(reached, sora.EndedAsync()) == reached)
            {
                await sora.KillAsync();
                kills++;
            }
            else
            {
                var (code, _, error) = await sora.EndAsync();
                if (code == 0)
                    Directory.Delete(Cache, recursive: true);
                else
                    AssertRefused(code, error);
            }

            LocalHubRepository.AssertNothingWrong(Cache, _hub.Repositories);
        }

        long served = _hub.Served;
        _hub.BytesPerSecond = 0;
        int attempts = 1;
        var last = await SoraProcess.RunAsync(_folder, Variables(), "pull", "opensora-v1.2", "--json");
        for (; last.Code != 0; attempts++)
        {
            AssertRefused(last.Code, last.Error);
            Assert.True(attempts < 4, last.Error);
            last = await SoraProcess.RunAsync(_folder, Variables(), "pull", "opensora-v1.2", "--json");
        }

        LocalHubRepository.AssertPulled(Cache, _hub.Repositories);
        Assert.Empty(Directory.EnumerateFiles(Cache, "*.sora-*", SearchOption.AllDirectories));
        using var result = JsonDocument.Parse(last.Output.TrimEnd().Split('\n')[^1]);
        long total = result.RootElement.GetProperty("totalBytes").GetInt64();
        Assert.Equal("result", result.RootElement.GetProperty("event").GetString());
        log.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{served} bytes served to killed runs, {_hub.Served - served} to {attempts} more, of {total}; faults: {string.Join(", ", faults.Counts.Select(fault => $"{fault.Key} {fault.Value}"))}"));
        Assert.True(_hub.Served - served < total - 4_000_000, "the last run fetched nearly everything: earlier ones left nothing to go on from");
    }

    [ProgramFact]
    public async Task A_server_that_always_lies_is_refused_with_one_line_and_nothing_wrong_is_kept()
    {
        _hub.Fault = request => request.IsStorage ? new LocalHubFault { WrongBytes = true } : null;
        for (int run = 0; run < 2; run++)
        {
            var (code, output, error) = await SoraProcess.RunAsync(_folder, Variables(), "pull", "opensora-v1.2", "--quiet");
            Assert.Equal(5, code);
            Assert.Equal("", output);
            Assert.Single(error.Split('\n'));
            Assert.StartsWith("sora: hpcai-tech/OpenSora-STDiT-v3/model.safetensors: the server sent wrong bytes twice", error, StringComparison.Ordinal);
            LocalHubRepository.AssertNothingWrong(Cache, _hub.Repositories);
        }

        _hub.Fault = _ => null;
        var good = await SoraProcess.RunAsync(_folder, Variables(), "pull", "opensora-v1.2");
        Assert.True(good.Code == 0, good.Error);
        LocalHubRepository.AssertPulled(Cache, _hub.Repositories);
        Assert.Contains("next: sora convert opensora-v1.2 DIR", good.Error, StringComparison.Ordinal);
        Assert.Equal(["transformer", "vae", "text_encoder", "tokenizer"], good.Output.TrimEnd().Split('\n').Select(line => line.Split(':')[0]));
    }

    [ProgramFact]
    public async Task Interrupting_it_keeps_what_arrived()
    {
        _hub.BytesPerSecond = 2_000_000;
        using var sora = Start();
        await _hub.AfterAsync(3_000_000);
        sora.Signal("INT");
        var (code, output, error) = await sora.EndAsync();
        Assert.Equal(130, code);
        Assert.Equal("", output);
        Assert.Contains("sora: cancelled; what arrived is kept", error, StringComparison.Ordinal);

        _hub.BytesPerSecond = 0;
        var last = await SoraProcess.RunAsync(_folder, Variables(), "pull", "opensora-v1.2", "--json");
        using var result = JsonDocument.Parse(last.Output.TrimEnd().Split('\n')[^1]);
        Assert.InRange(result.RootElement.GetProperty("fetchedBytes").GetInt64(), 1, result.RootElement.GetProperty("totalBytes").GetInt64() - 2_000_000);
    }

    [ProgramFact]
    public async Task A_disk_that_takes_no_more_gives_code_4_and_the_rest_is_fetched_later()
    {
        // No file may be larger than 3 MB: what a full disk is to one that is written.
        string sora = typeof(SoraCommandLine).Assembly.Location;
        var variables = Variables();
        variables["DOTNET_EnableWriteXorExecute"] = "0";
        var (code, _, error) = await SoraProcess.RunProgramAsync(_folder, variables, "/bin/sh", "-c", $"trap '' XFSZ; ulimit -f 6000; exec dotnet '{sora}' pull opensora-v1.2 --connections 1");
        Assert.True(code == 4, error);
        Assert.Contains("sora: " + Path.Combine(Cache, "models--hpcai-tech--OpenSora-STDiT-v3"), error, StringComparison.Ordinal);
        LocalHubRepository.AssertNothingWrong(Cache, _hub.Repositories);

        long served = _hub.Served;
        Assert.Equal(0, (await SoraProcess.RunAsync(_folder, Variables(), "pull", "opensora-v1.2")).Code);
        Assert.True(_hub.Served - served < 3.5 * WeightBytes - 1_500_000, "what had arrived was fetched again");
        LocalHubRepository.AssertPulled(Cache, _hub.Repositories);
    }

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void AssertRefused(int code, string error)
    {
        Assert.True(code == 5, $"code {code}: {error}");
        Assert.Matches("wrong bytes twice|shorter than the|gave up after", error.Split('\n')[^1]);
    }

    private SoraProcess Start() => SoraProcess.Start(_folder, Variables(), "pull", "opensora-v1.2");

    private Dictionary<string, string> Variables() => new()
    {
        ["HF_ENDPOINT"] = _hub.Endpoint.AbsoluteUri,
        ["HF_HOME"] = _folder,
        ["HF_HUB_CACHE"] = "",
        ["HF_TOKEN"] = "",
        // A proxy that is not there: the hub on this machine must be reached all the same.
        ["http_proxy"] = "http://127.0.0.1:9",
        ["all_proxy"] = "http://127.0.0.1:9",
    };
}
