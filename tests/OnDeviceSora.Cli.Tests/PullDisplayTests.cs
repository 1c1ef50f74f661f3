using OnDeviceSora.Hub;
using Spectre.Console;

namespace OnDeviceSora.Cli.Tests;

public sealed class PullDisplayTests
{
    private static readonly PullResult Result = new(new PulledModel("opensora-v1.2", [new("text_encoder", "a/b", "c", "/snapshot", "/snapshot/text_encoder", [], [])], []), 5, 10);

    [Fact]
    public async Task Bars_show_all_files_and_the_one_that_is_fetched()
    {
        using StringWriter terminal = new(), output = new(), error = new();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(terminal) });
        console.Profile.Width = 200;
        var display = new LivePullDisplay(console, output, error);
        await display.ShowAsync(() =>
        {
            display.Report(Progress("a[red].safetensors", 50, TimeSpan.FromSeconds(2)));
            display.Note("[a note]");
            return Task.FromResult(0);
        });
        display.Finished(Result, TimeSpan.FromSeconds(1));
        Assert.Contains("fetching a/b/a[red].safetensors 50%", terminal.ToString(), StringComparison.Ordinal);
        Assert.Contains("2.0 MB/s, 1 h 0 min left", terminal.ToString(), StringComparison.Ordinal);
        Assert.Contains("[a note]", terminal.ToString(), StringComparison.Ordinal);
        Assert.Equal($"text_encoder: /snapshot/text_encoder\ntokenizer: {Path.Combine("/snapshot", "tokenizer", "spiece.model")}\n", output.ToString());
        Assert.Contains("sora convert opensora-v1.2 DIR", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_come_at_intervals_and_at_each_files_end()
    {
        using StringWriter output = new(), error = new();
        var display = new PlainPullDisplay(output, error);
        foreach (var (file, completed, milliseconds) in ((string, long, int)[])[("a", 10, 100), ("a", 20, 200), ("a", 100, 300), ("a", 100, 301), ("b", 0, 400), ("b", 50, 3000), ("b", 60, 3100), ("b", 100, 3200)])
            display.Report(Progress(file, completed, TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(["a/b/a 100%", "a/b/b 50%", "a/b/b 100%"], error.ToString().TrimEnd().Split('\n').Select(line => line.Split(';')[0]["fetching ".Length..]));
    }

    private static PullProgress Progress(string file, long completed, TimeSpan elapsed) =>
        new(PullActivity.Fetching, "a/b", file, completed, 100, 10_000_000, 20_000_000, 2_000_000, TimeSpan.FromHours(1), elapsed);
}
