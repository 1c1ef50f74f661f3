using System.Text.Json;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;
using Spectre.Console;

namespace OnDeviceSora.Cli.Tests;

public sealed class GenerateCommandTests : IDisposable
{
    private readonly CommandRun _run = new();

    [Fact]
    public async Task Every_option_reaches_the_request_and_the_pipeline()
    {
        Assert.Equal(0, await _run.OnModel("generate", "@a red circle", "-o", _run["v.png"], "--size", "32x24", "--frames", "5", "--fps", "9",
            "--steps", "11", "--guidance", "6.5", "--seed", "9007199254740993", "--leap", "auto", "--leap-min-steps", "4", "--leap-tolerance", "0.01",
            "--leap-patience", "2", "--merge-steps", "3", "--threads", "2", "--decode-tile", "16"));

        Assert.Equal(new VideoRequest
        {
            Prompt = "@a red circle",
            Width = 32,
            Height = 24,
            Frames = 5,
            FramesPerSecond = 9,
            Steps = 11,
            GuidanceScale = 6.5f,
            Seed = 9_007_199_254_740_993,
            MergeSteps = 3,
            Leap = new LeapSettings.Dynamic { MinimumSteps = 4, Tolerance = 0.01f, Patience = 2 },
        }, _run.Generator.Generated);
        Assert.Equal("x", _run.OpenedModel);
        Assert.Equal(new PipelineOptions { Threads = 2, DecodeTile = 16, TextEmbeddingCache = PipelineOptions.DefaultTextEmbeddingCache }, _run.Options);
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--no-text-cache"));
        Assert.Null(_run.Options!.TextEmbeddingCache);
    }

    [Fact]
    public async Task The_leap_is_automatic_unless_another_is_asked_for()
    {
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"]));
        Assert.Equal(LeapSettings.Automatic, _run.Generator.Generated!.Leap);
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--leap-patience", "2"));
        Assert.Equal(new LeapSettings.Dynamic { Patience = 2 }, _run.Generator.Generated!.Leap);
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--leap", "off"));
        Assert.Equal(LeapSettings.Off, _run.Generator.Generated!.Leap);
        Assert.Equal(0, await _run.OnModel("generate", "--like", _run["v.png"], "-o", _run["w.png"], "--leap-patience", "2"));
        Assert.Equal(new LeapSettings.Dynamic { Patience = 2 }, _run.Generator.Generated!.Leap);
    }

    [Fact]
    public async Task Progress_goes_to_standard_error_and_the_path_to_standard_output()
    {
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"]));
        Assert.Equal(_run["v.png"], _run.Output.Trim());
        Assert.Contains("denoising 1/30, 72 s left, 123 MB", _run.Error, StringComparison.Ordinal);
        Assert.Contains("similarity 0.9987, leapt to the end", _run.Error, StringComparison.Ordinal);
        Assert.Contains("3 frames of 16x8 at 12 fps, seed 42, 16 steps, leapt at step 15", _run.Error, StringComparison.Ordinal);
        Assert.Equal(["v.json", "v.png"], _run.Names);
    }

    [Fact]
    public async Task Quiet_says_nothing()
    {
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--quiet"));
        Assert.Equal("", _run.Output + _run.Error);
    }

    [Fact]
    public async Task The_live_display_shows_every_stage_and_survives_odd_text()
    {
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(error) });
        var display = new LiveDisplay(console, error, error);
        using var generator = new FakeGenerator();
        var request = generator.Resolve(new VideoRequest { Prompt = "[red" });
        await display.ShowAsync(async () =>
            await generator.DecodeAsync(await generator.SampleAsync(request, null, display, CancellationToken.None), display, CancellationToken.None));
        Assert.Contains("denoising 16/30", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("decoding frames 3/3", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_object_a_line_and_ends_with_the_result()
    {
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--json", "--save-latents", _run["l.safetensors"]));
        var lines = Events();
        Assert.Equal(["progress", "progress", "progress", "progress", "note", "result"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("textEncoding", lines[0].GetProperty("stage").GetString());
        Assert.True(lines[2].GetProperty("leapt").GetBoolean());
        Assert.Equal(_run["v.png"], lines[^1].GetProperty("path").GetString());
        Assert.Equal(_run["v.json"], lines[^1].GetProperty("settings").GetString());
        Assert.Equal(_run["l.safetensors"], lines[^1].GetProperty("latents").GetString());
        Assert.Equal(42, lines[^1].GetProperty("request").GetProperty("seed").GetInt64());
        Assert.Equal("", _run.Error);
    }

    [Fact]
    public async Task Json_ends_with_the_error_when_there_is_one()
    {
        Assert.Equal(2, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--size", "12x8", "--json"));
        var error = Assert.Single(Events());
        Assert.Equal("error", error.GetProperty("event").GetString());
        Assert.Equal(2, error.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task Like_repeats_a_video_from_any_of_its_files_and_further_options_change_it()
    {
        Assert.Equal(0, await _run.OnModel("generate", "a red circle", "-o", _run["v.png"], "--seed", "7", "--leap", "3", "--save-latents", _run["l.safetensors"]));
        var original = _run.Generator.Generated;
        byte[] pixels = await File.ReadAllBytesAsync(_run["v.png"]);
        foreach (string like in (string[])["v.png", "v.json", "l.safetensors"])
        {
            Assert.Equal(0, await _run.OnModel("generate", "--like", _run[like], "-o", _run["w.png"]));
            Assert.Equal(original, _run.Generator.Generated);
            Assert.Equal(pixels, await File.ReadAllBytesAsync(_run["w.png"]));
        }

        Assert.Equal(0, await _run.OnModel("generate", "--like", _run["v.json"], "-o", _run["w.png"], "--seed", "8", "--leap", "off"));
        Assert.Equal(original! with { Seed = 8, Leap = LeapSettings.Off }, _run.Generator.Generated);
    }

    [Fact]
    public async Task Like_with_another_model_says_that_the_videos_differ()
    {
        await File.WriteAllTextAsync(_run["v.json"], """{"request":{"prompt":"x"},"model":"another 11"}""");
        Assert.Equal(0, await _run.OnModel("generate", "--like", _run["v.json"], "-o", _run["w.png"]));
        Assert.Contains("another 11", _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _run.OnModel("generate", "--like", _run["v.json"], "-o", _run["w.png"], "--json"));
        Assert.StartsWith("{\"event\":\"result\"", _run.Output.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);

        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["w.png"], "--save-latents", _run["l.safetensors"]));
        LatentsFile.Save(_run["l.safetensors"], LatentsFile.Load(_run["l.safetensors"]) with { Model = "another 12" });
        Assert.Equal(0, await _run.OnModel("decode", _run["l.safetensors"], "-o", _run["w.png"]));
        Assert.Contains("another 12", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Like_decodes_in_the_same_tiles_unless_told_otherwise()
    {
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--decode-tile", "16", "--save-latents", _run["l.safetensors"]));
        foreach (string like in (string[])["v.png", "v.json", "l.safetensors"])
        {
            Assert.Equal(0, await _run.OnModel("generate", "--like", _run[like], "-o", _run["w.png"]));
            Assert.Equal(16, _run.Options!.DecodeTile);
        }

        Assert.Equal(0, await _run.OnModel("decode", _run["l.safetensors"], "-o", _run["w.png"]));
        Assert.Equal(16, _run.Options!.DecodeTile);
        Assert.Equal(0, await _run.OnModel("generate", "--like", _run["v.png"], "-o", _run["w.png"], "--decode-tile", "off"));
        Assert.Null(_run.Options!.DecodeTile);
    }

    [Fact]
    public async Task A_file_without_settings_is_bad_input()
    {
        await File.WriteAllTextAsync(_run["v.mp4"], "nothing of the kind");
        Assert.Equal(3, await _run.OnModel("generate", "--like", _run["v.mp4"]));
        Assert.Equal(3, await _run.OnModel("generate", "--like", _run["nowhere.json"]));
        Assert.Null(_run.OpenedModel);
    }

    [Theory]
    [InlineData("v.gif", 2)]
    [InlineData("no/such/v.mp4", 4)]
    public async Task An_output_that_cannot_be_written_is_refused_before_the_work(string output, int code)
    {
        Assert.Equal(code, await _run.OnModel("generate", "x", "-o", _run[output]));
        Assert.Equal(4, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--save-latents", _run["no/such/l.safetensors"]));
        Assert.Equal(4, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--save-latents", _run.Folder));
        Assert.Null(_run.Generator.Generated);
        Assert.Empty(_run.Names);
    }

    [Fact]
    public async Task A_timeline_is_a_page_with_its_trace_beside_it_and_never_replaces_settings()
    {
        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--timeline", _run["t.html"]));
        Assert.NotNull(_run.Options!.Timeline);
        Assert.Contains($"wrote the timeline: {_run["t.html"]}, and for ui.perfetto.dev {_run["t.json"]}", _run.Error, StringComparison.Ordinal);
        Assert.Equal(["t.html", "t.json", "v.json", "v.png"], _run.Names);
        using (var trace = JsonDocument.Parse(await File.ReadAllTextAsync(_run["t.json"])))
            Assert.Equal(JsonValueKind.Array, trace.RootElement.GetProperty("traceEvents").ValueKind);

        // v.json has the settings of v.png; the second run replaces its own trace.
        foreach (string again in (string[])["v.html", "v.json"])
            Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--timeline", _run[again]));
        Assert.Equal(["t.html", "t.json", "v.html", "v.json", "v.png", "v.trace.json"], _run.Names);
        Assert.Equal("x", VideoSettingsReader.Read(_run["v.json"]).Request.Prompt);

        Assert.Equal(0, await _run.OnModel("generate", "x", "-o", _run["w.png"], "--timeline", _run["only.json"]));
        Assert.False(File.Exists(_run["only.html"]));
    }

    [Fact]
    public async Task A_timeline_that_cannot_be_written_is_refused_before_the_work()
    {
        Assert.Equal(4, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--timeline", _run["no/such/t.html"]));
        Assert.Null(_run.Generator.Generated);
    }

    [Fact]
    public async Task Latents_are_kept_when_the_video_cannot_be_written()
    {
        // Both names for the settings are taken by someone else after the check, while the work runs.
        _run.Generator = new FakeGenerator { During = () => Occupy(_run["v.json"], _run["v.png.json"]) };
        Assert.Equal(4, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--seed", "5"));
        Assert.Contains("sora decode", _run.Error, StringComparison.Ordinal);
        Assert.Equal(["v.json", "v.latents.safetensors", "v.png.json"], _run.Names);
        Assert.Equal(5, LatentsFile.Load(_run["v.latents.safetensors"]).Request.Seed);

        Assert.Equal(0, await _run.OnModel("decode", _run["v.latents.safetensors"], "-o", _run["w.png"]));
        Assert.Equal(5, VideoSettingsReader.Read(_run["w.png"]).Request.Seed);
    }

    [Fact]
    public async Task Latents_are_kept_when_the_decoding_fails()
    {
        _run.Generator = new FakeGenerator { DecodingFailure = new InsufficientMemoryException() };
        Assert.Equal(1, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--seed", "6"));
        Assert.Contains("sora decode", _run.Error, StringComparison.Ordinal);
        Assert.Equal(6, LatentsFile.Load(_run["v.latents.safetensors"]).Request.Seed);

        Assert.Equal(1, await _run.OnModel("generate", "x", "-o", _run["v.png"], "--save-latents", _run["own.safetensors"]));
        Assert.Equal(["own.safetensors", "v.latents.safetensors"], _run.Names);
    }

    [Fact]
    public async Task Cancelling_gives_130_one_line_and_no_file()
    {
        using var cancel = new CancellationTokenSource();
        _run.Generator = new FakeGenerator { During = cancel.Cancel };
        foreach (bool interactive in (bool[])[false, true])
        {
            Assert.Equal(130, await _run.Of(["generate", "x", "-o", _run["v.png"], "--model", "m", "--save-latents", _run["l"]], interactive, cancel.Token));
            Assert.Contains("sora: cancelled; no video was written", _run.Error, StringComparison.Ordinal);
        }

        Assert.Empty(_run.Names);
        Assert.True(_run.Generator.IsDisposed);
    }

    [Fact]
    public async Task Errors_have_their_exit_codes()
    {
        foreach (var (failure, code) in ((Exception, int)[])[
            (new InvalidModelException("m", "incomplete"), 3), (new InvalidFileException("f", "damaged"), 3), (new OutputException("o", "full"), 4),
            (new InvalidRequestException("Frames", "too many"), 2), (new InvalidOperationException("a bug"), 1), (new InsufficientMemoryException(), 1),
            (new OperationCanceledException(), 1)])
        {
            _run.Generator = new FakeGenerator { Failure = failure };
            Assert.Equal(code, await _run.OnModel("generate", "x", "-o", _run["v.png"]));
            Assert.Contains("sora: ", _run.Error, StringComparison.Ordinal);
            Assert.Empty(_run.Names);
        }
    }

    [Theory]
    [InlineData("A big red circle, moving LEFT!", "a-big-red-circle-moving-left")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("\u6d77 \u00c9t\u00e9 \ud83c\udf0a", "\u6d77-\u00e9t\u00e9")]
    [InlineData("!!!", "video")]
    [InlineData("\0\n\t", "video")]
    public void A_prompt_becomes_a_file_name(string prompt, string slug) => Assert.Equal(slug, OutputName.Slug(prompt));

    [Fact]
    public void A_long_prompt_becomes_a_short_name() => Assert.InRange(OutputName.Slug(new string('x', 30_000)).Length, 1, 50);

    private List<JsonElement> Events() =>
        [.. _run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private static void Occupy(params string[] files)
    {
        foreach (string file in files)
            File.WriteAllText(file, "someone else's");
    }

    public void Dispose() => _run.Dispose();
}
