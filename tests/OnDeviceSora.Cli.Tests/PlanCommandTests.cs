using System.Text.Json;
using OnDeviceSora.Streaming;

namespace OnDeviceSora.Cli.Tests;

public sealed class PlanCommandTests : IDisposable
{
    private readonly CommandRun _run = new();

    [Fact]
    public async Task A_plan_is_a_table_and_nothing_runs()
    {
        Assert.Equal(0, await _run.OnModel("plan", "x", "--memory", "3.3GB", "--streaming", "sequential", "--threads", "2"));
        Assert.Equal((3_300_000_000L, StreamingMode.Sequential, 2), (_run.Options!.Memory!.Bytes, _run.Options.Streaming, _run.Options.Threads));
        foreach (string words in (string[])["text encoding", "denoising", "decoding in time", "decoding pictures", "1.80 GB", "MLP 4", "plan: peak 2.40 GB of 3.30 GB, 41 of 56 transformer blocks stay in memory, about 4 min 0 s"])
            Assert.Contains(words, _run.Output, StringComparison.Ordinal);
        Assert.Null(_run.Generator.Generated);
        Assert.True(_run.Generator.IsDisposed);
    }

    [Fact]
    public async Task Json_is_one_object()
    {
        Assert.Equal(0, await _run.OnModel("plan", "x", "--json"));
        var plan = JsonDocument.Parse(_run.Output).RootElement;
        Assert.Equal((2_400_000_000, "dynamic", 240), (plan.GetProperty("peak").GetInt64(), plan.GetProperty("streaming").GetString(), plan.GetProperty("seconds").GetDouble()));
        Assert.Equal(["textEncoding", "denoising", "temporalDecoding", "spatialDecoding"], plan.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("stage").GetString()));
        Assert.Null(_run.Options!.Memory);
    }

    [Fact]
    public async Task Generate_prints_the_plan_to_who_asks_for_memory()
    {
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"]));
        Assert.DoesNotContain("plan:", _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--memory", "2GiB"));
        Assert.StartsWith("plan: peak 2.40 GB", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tiles_that_only_the_budget_asks_for_are_announced()
    {
        _run.Generator = new FakeGenerator { TileForMemory = 16 };
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"]));
        Assert.Contains("tiles of 16 latent cells, which changes the pictures", _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--memory 'lots': it must be an amount of memory such as 3.3GB", "--memory", "lots")]
    [InlineData("--memory '-1GB'", "--memory", "-1GB")]
    [InlineData("--streaming 'fast': it must be dynamic, concurrent, sequential or resident", "--streaming", "fast")]
    public async Task Nonsense_is_refused(string words, params string[] options)
    {
        foreach (string command in (string[])["plan", "generate"])
        {
            Assert.Equal(2, await _run.OnModel([command, "x", .. options]));
            Assert.Contains(words, _run.Error, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _run.Dispose();
}
