using System.Text.Json;
using OnDeviceSora.Bench.Comparisons;
using OnDeviceSora.Bench.Peers;
using OnDeviceSora.Benchmarks;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Bench;

/// <summary>Results beside those of peers: how often everyone runs, and what is printed.</summary>
public sealed class ComparisonTests
{
    // 2000 operations, of 1000, 2000 and 500 a second; the limit is at 4000.
    private static readonly ComparisonResult Result = new(
        new MatMulWork(10, 10, 10),
        [new OwnTiming(ProductPrecision.Int8, [2, 1, 4], new Roof("kernel limit", 4000))],
        [new PeerTiming("torch fp32", [4, 4, 4]), new PeerTiming("ort int8", [1, 1, 1])]);

    [Theory]
    [InlineData(0.1, 0.2, 7)]
    [InlineData(1, 1.4, 4)]
    [InlineData(30, 50, 1)]
    public void Everyone_runs_as_often_as_there_is_time_for(double ours, double theirs, int rounds) =>
        Assert.Equal(rounds, Schedule.Rounds([ours, theirs], TimeSpan.FromSeconds(10)));

    [Fact]
    public void A_peer_that_takes_half_of_the_time_is_waited_for()
    {
        Assert.True(Schedule.IsWorthWhile(5, TimeSpan.FromSeconds(10)));
        Assert.False(Schedule.IsWorthWhile(5.1, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_json_line_holds_one_of_our_precisions_and_one_peer()
    {
        var lines = Print(output => new JsonReport(output));
        Assert.Equal(["torch fp32", "ort int8", "kernel limit"], lines.Select(line => line.GetProperty("peer").GetString()));
        Assert.All(lines, line => Assert.Equal(["work", "precision", "ours", "unit", "peer", "peer_value", "ratio"], line.EnumerateObject().Select(member => member.Name)));
        Assert.All(lines, line => Assert.Equal(("matmul 10x10x10", "int8", "GOP/s"), (line.GetProperty("work").GetString(), line.GetProperty("precision").GetString(), line.GetProperty("unit").GetString())));
        Assert.All(lines, line => Assert.Equal(1e-6, line.GetProperty("ours").GetDouble(), 1e-12));
        // The ratio is the median over the pairs of runs.
        Assert.Equal([2, 0.5, 0.25], lines.Select(line => Math.Round(line.GetProperty("ratio").GetDouble(), 9)));
        Assert.Equal([0.5e-6, 2e-6, 4e-6], lines.Select(line => Math.Round(line.GetProperty("peer_value").GetDouble(), 12)));
    }

    [Fact]
    public void Without_peers_a_json_line_holds_our_figure_alone()
    {
        var line = Print(output => new JsonReport(output), Result with { Peers = [] })[0];
        Assert.Equal(JsonValueKind.Null, line.GetProperty("peer").ValueKind);
        Assert.Equal(JsonValueKind.Null, line.GetProperty("ratio").ValueKind);
    }

    [Fact]
    public void A_table_has_a_row_for_everyone_and_a_column_for_every_ratio()
    {
        using var output = new StringWriter();
        new TableReport(output).Print(Result);
        var rows = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal("matmul 10x10x10 GOP/s seconds of limit / torch fp32 / ort int8", string.Join(' ', rows[0]));
        Assert.Equal(["int8", "0.0", "2.000", "25", "%", "2.00", "0.50"], rows[1]);
        Assert.Equal(["torch", "fp32", "0.0", "4.000"], rows[2]);
        Assert.Equal(["ort", "int8", "0.0", "1.000"], rows[3]);
    }

    [Fact]
    public void A_peer_whose_program_is_missing_is_not_installed()
    {
        Assert.False((PeerRuntime.Torch with { Program = "no-such-program" }).IsInstalled);
        Assert.False((PeerRuntime.Torch with { Program = OperatingSystem.IsWindows() ? "where" : "false" }).IsInstalled);
        Assert.True(PeerRuntime.Torch.Knows("VAE decode 256x256x17"));
        Assert.False(PeerRuntime.OnnxRuntime.Knows("block pair 256x256x68"));
    }

    private static List<JsonElement> Print(Func<TextWriter, IBenchReport> report) => Print(report, Result);

    private static List<JsonElement> Print(Func<TextWriter, IBenchReport> report, ComparisonResult result)
    {
        using var output = new StringWriter();
        report(output).Print(result);
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
