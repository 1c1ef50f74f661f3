using System.CommandLine;
using OnDeviceSora.Streaming;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary>The options that <c>generate</c> and <c>decode</c> share.</summary>
internal sealed class SharedOptions
{
    private readonly Option<string?> _output = OptionParsing.Text("--output", "FILE",
        "Where to write: .mp4 (through ffmpeg; an animated .png when there is none), .png, or a folder (ends with /) of numbered pictures. An existing file is replaced. Default: a new name made of the prompt and the seed.", "-o");

    private readonly Option<string?> _model = OptionParsing.Text("--model", "DIR",
        "Folder of the model. Default: SORA_MODEL, or the small model that comes with sora.", "-m");

    private readonly Option<int?> _threads = OptionParsing.Whole("--threads", "N", "Compute threads. Default: all. The video does not depend on it.", minimum: 1);

    private readonly Option<int?> _decodeTile = OptionParsing.Whole("--decode-tile", "N",
        "Decode pictures in tiles of N x N latent cells (8 pixels each), 8 or more: less memory, slightly different pictures. Default: whole pictures.", minimum: 8);

    private readonly Option<long?> _memory = OptionParsing.Create<long?>("--memory", "SIZE",
        "How much memory the process may take, such as 3.3GB, 1500MB or 2GiB; blocks of the models stay in memory as far as it allows. Default: 80 % of what this machine and its control groups have available. The video does not depend on it, unless tiles are all that fits, which a line then says.", text => MemorySize.Parse(text));

    private readonly Option<StreamingMode?> _streaming = OptionParsing.Create("--streaming", "MODE",
        "How the models' blocks come into memory: dynamic (loaded ahead; as many stay as fit), concurrent (loaded ahead; none stays), sequential (loaded, run, let go; the least memory) or resident (all stay). Default: dynamic. The video does not depend on it.", StreamingOption.Parse);

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line on standard output: progress, notes, and the result." };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Print errors only." };

    public void AddTo(Command command)
    {
        command.Add(_output);
        AddMachineTo(command);
        command.Add(_json);
        command.Add(_quiet);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_json) && result.GetValue(_quiet))
                result.AddError("--json and --quiet exclude each other");
        });
    }

    /// <summary>The options that say which model runs, and how on this machine.</summary>
    public void AddMachineTo(Command command)
    {
        foreach (var option in (Option[])[_model, _threads, _decodeTile, _memory, _streaming])
            command.Add(option);
    }

    /// <summary>Whether the user asked how the models fit into memory.</summary>
    public bool AsksForMemory(ParseResult parsed) => parsed.GetResult(_memory) is not null || parsed.GetResult(_streaming) is not null;

    /// <summary>The output that was named, if any.</summary>
    public string? Output(ParseResult parsed) => parsed.GetValue(_output);

    /// <summary>The model folder to open.</summary>
    public string Model(ParseResult parsed) => parsed.GetValue(_model) ?? ModelLocator.Find();

    public PipelineOptions Pipeline(ParseResult parsed)
    {
        var defaults = new PipelineOptions();
        return defaults with
        {
            Threads = parsed.GetValue(_threads) ?? defaults.Threads,
            DecodeTile = parsed.GetValue(_decodeTile),
            Memory = parsed.GetValue(_memory) is { } bytes ? new MemoryBudget(bytes) : null,
            Streaming = parsed.GetValue(_streaming) ?? defaults.Streaming,
        };
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
