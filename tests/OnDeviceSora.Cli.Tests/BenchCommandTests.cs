using System.Text.Json;

namespace OnDeviceSora.Cli.Tests;

/// <summary><c>sora bench</c>, with the least that can be measured.</summary>
public sealed class BenchCommandTests : IDisposable
{
    private static readonly string[] Least = ["bench", "--size", "16x16", "--frames", "1", "--seconds", "0.01"];

    private readonly CommandRun _run = new();

    [Fact]
    public async Task Figures_and_forecasts_are_lines_for_a_script()
    {
        Assert.Equal(0, await _run.Of(Least));
        var lines = _run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        foreach (string work in (string[])["kernel limit", "matmul 2x1152x4608", "block pair 16x16x1"])
            Assert.Contains(lines, line => line[0] == work && line[1] == "int8" && line[2].EndsWith(" GOP/s", StringComparison.Ordinal));
        Assert.Contains(lines, line => line[0] == "memory read");
        Assert.Equal(["fp32", "bf16", "int8"], lines.Where(line => line[0] == "Open-Sora v1.2" && line[1] == "16x16x1" && line[2] == "30").Select(line => line[3]));
    }

    [Fact]
    public async Task Json_is_one_object()
    {
        Assert.Equal(0, await _run.Of([.. Least, "--json", "--threads", "1"]));
        var root = JsonDocument.Parse(_run.Output).RootElement;
        var figures = root.GetProperty("figures").EnumerateArray().ToList();
        var pairs = figures.Where(figure => figure.GetProperty("work").GetString() == "block pair 16x16x1").ToList();
        Assert.Equal(["fp32", "bf16", "int8"], pairs.Select(figure => figure.GetProperty("precision").GetString()));
        Assert.All(pairs, figure => Assert.True(figure.GetProperty("seconds").GetDouble() > 0 && figure.GetProperty("ofLimit").GetDouble() > 0));
        Assert.All(root.GetProperty("forecasts").EnumerateArray(), forecast => Assert.True(forecast.GetProperty("seconds").GetDouble() > 0));
    }

    [ProgramFact]
    public async Task The_installed_model_is_predicted_too()
    {
        Assert.Equal(0, await _run.Of([.. Least, "--model", SoraProcess.Model!], interactive: true, CancellationToken.None));
        Assert.Contains("opensora-tiny", _run.Output, StringComparison.Ordinal);
        Assert.Contains("predicted time", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_measured_is_refused_before_anything_is()
    {
        Assert.Equal(2, await _run.Of("bench", "--seconds", "0"));
        Assert.Contains("--seconds '0': it must be seconds, more than 0", _run.Error, StringComparison.Ordinal);
        Assert.Equal(2, await _run.Of("bench", "--size", "65x64"));
        Assert.Contains("--size: Width is 65 pixels", _run.Error, StringComparison.Ordinal);
        Assert.Equal(3, await _run.Of("bench", "--model", "nobody"));
        Assert.Contains("nobody", _run.Error, StringComparison.Ordinal);
        Assert.Empty(_run.Output);
    }

    public void Dispose() => _run.Dispose();
}
