using System.CommandLine;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary>The options that <c>generate</c> and <c>decode</c> share.</summary>
internal sealed class SharedOptions
{
    private readonly Option<string?> _output = OptionParsing.Text("--output", "FILE",
        "Where to write: .mp4 (through ffmpeg; an animated .png when there is none), .png, or a folder (ends with /) of numbered pictures. An existing file is replaced. Default: a new name made of the prompt and the seed.", "-o");

    private readonly Option<string?> _model = OptionParsing.Text("--model", "MODEL",
        "Folder of the model, or the name of an installed one (see sora models). Default: SORA_MODEL, or the small model that comes with sora.", "-m");

    private readonly Option<int?> _threads = OptionParsing.Whole("--threads", "N", "Compute threads. Default: all. The video does not depend on it.", minimum: 1);

    private readonly Option<int?> _decodeTile = OptionParsing.Whole("--decode-tile", "N",
        "Decode pictures in tiles of N x N latent cells (8 pixels each), 8 or more: less memory, slightly different pictures. Default: whole pictures.", minimum: 8);

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line on standard output: progress, notes, and the result." };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Print errors only." };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_output, _model, _threads, _decodeTile, _json, _quiet])
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_json) && result.GetValue(_quiet))
                result.AddError("--json and --quiet exclude each other");
        });
    }

    /// <summary>The output that was named, if any.</summary>
    public string? Output(ParseResult parsed) => parsed.GetValue(_output);

    /// <summary>The model folder to open.</summary>
    public string Model(ParseResult parsed) => parsed.GetValue(_model) is { } named ? ModelLocator.Resolve(named) : ModelLocator.Find();

    public PipelineOptions Pipeline(ParseResult parsed)
    {
        var defaults = new PipelineOptions();
        return defaults with { Threads = parsed.GetValue(_threads) ?? defaults.Threads, DecodeTile = parsed.GetValue(_decodeTile) };
    }

    /// <summary>How to show what happens.</summary>
    public IGenerationDisplay Display(ParseResult parsed, CommandHost host)
    {
        if (parsed.GetValue(_json))
            return new JsonDisplay(host.Output);
        if (parsed.GetValue(_quiet))
            return new QuietDisplay();
        if (!host.Interactive)
            return new PlainDisplay(host.Output, host.Error);
        // A terminal that cannot move its cursor gets lines.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(host.Error) });
        return console.Profile.Capabilities.Ansi
            ? new LiveDisplay(console, host.Output, host.Error)
            : new PlainDisplay(host.Output, host.Error);
    }
}
