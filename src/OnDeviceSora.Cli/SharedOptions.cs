using System.CommandLine;
using System.Globalization;
using OnDeviceSora.Budget;
using OnDeviceSora.Streaming;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary>The options that <c>generate</c>, <c>decode</c> and <c>resume</c> share.</summary>
internal sealed class SharedOptions
{
    private readonly Option<string?> _output = OptionParsing.Text("--output", "FILE",
        "Where to write: .mp4 (through ffmpeg; an animated .png when there is none), .png, or a folder (ends with /) of numbered pictures. An existing file is replaced. Default: a new name made of the prompt and the seed.", "-o");

    private readonly Option<string?> _model = OptionParsing.Text("--model", "MODEL",
        "Folder of the model, or the name of an installed one (see sora models). Default: SORA_MODEL, or the small model that comes with sora.", "-m");

    private readonly Option<int?> _threads = OptionParsing.Whole("--threads", "N", "Compute threads. Default: all. The video does not depend on it.", minimum: 1);

    private readonly Option<int?> _decodeTile = OptionParsing.Create<int?>("--decode-tile", "N|off",
        "Decode pictures in tiles of N x N latent cells (8 pixels each), 8 or more: less memory, slightly different pictures. Default: as the latents or the video of --like say, otherwise off (whole pictures).", ParseTile);

    private readonly Option<bool> _noTextCache = new("--no-text-cache") { Description = "Neither use nor keep what the text encoder made of a prompt. Default: both, in the user's cache folder (or SORA_CACHE)." };

    private readonly Option<string?> _timeline = OptionParsing.Create<string?>("--timeline", "FILE",
        "Write when each block of the models was loaded and computed: an .html page, with the same as a Chrome trace (.json, for Perfetto) beside it; or only that .json.",
        text => TimelineOutput.Accepts(text) ? text : throw new FormatException("a file that ends with .html or .json"));

    private const int NoTile = 0;

    private readonly Option<long?> _memory = OptionParsing.Create<long?>("--memory", "SIZE",
        "How much memory the process may take, such as 3.3GB, 1500MB or 2GiB; blocks of the models stay in memory as far as it allows. Default: 80 % of what this machine and its control groups have available. The video does not depend on it, unless tiles are all that fits, which a line then says.", text => MemorySize.Parse(text));

    private readonly Option<StreamingMode?> _streaming = OptionParsing.Create("--streaming", "MODE",
        "How the models' blocks come into memory: dynamic (loaded ahead; as many stay as fit), concurrent (loaded ahead; none stays), sequential (loaded, run, let go; the least memory) or resident (all stay). Default: dynamic. The video does not depend on it.", StreamingOption.Parse);

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line on standard output: progress, notes, and the result." };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Print errors only." };

    /// <param name="command">The command.</param>
    /// <param name="tiles">Whether the command may say how to decode; a generation that goes on may not.</param>
    /// <param name="encodes">Whether the command reads prompts.</param>
    public void AddTo(Command command, bool tiles = true, bool encodes = true)
    {
        command.Add(_output);
        AddMachineTo(command, tiles, encodes);
        command.Add(_timeline);
        command.Add(_json);
        command.Add(_quiet);
        command.Exclude(_json, _quiet);
    }

    /// <summary>The options that say which model runs, and how on this machine.</summary>
    /// <param name="command">The command.</param>
    /// <param name="tiles">Whether the command may say how to decode.</param>
    /// <param name="encodes">Whether the command reads prompts.</param>
    public void AddMachineTo(Command command, bool tiles = true, bool encodes = true)
    {
        foreach (var option in (Option[])[_model, _threads, _memory, _streaming])
            command.Add(option);
        if (tiles)
            command.Add(_decodeTile);
        if (encodes)
            command.Add(_noTextCache);
    }

    /// <summary>Whether the user asked how the models fit into memory.</summary>
    public bool AsksForMemory(ParseResult parsed) => parsed.GetResult(_memory) is not null || parsed.GetResult(_streaming) is not null;

    /// <summary>Whether the user asked for a record of the blocks.</summary>
    public bool AsksForTimeline(ParseResult parsed) => parsed.GetValue(_timeline) is not null;

    /// <summary>The output that was named, if any.</summary>
    public string? Output(ParseResult parsed) => parsed.GetValue(_output);

    /// <summary>The record of blocks that was asked for, if any.</summary>
    /// <exception cref="OutputException">It could not be written.</exception>
    public TimelineOutput? Timeline(ParseResult parsed)
    {
        if (parsed.GetValue(_timeline) is not { } path)
            return null;
        OutputName.EnsureWritable(path, "--timeline");
        return new TimelineOutput(path);
    }

    /// <summary>The model folder to open.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="saved">The folder that an interrupted generation was begun with, if any.</param>
    public string Model(ParseResult parsed, string? saved = null) =>
        parsed.GetValue(_model) is { } named ? ModelLocator.Resolve(named) : saved ?? ModelLocator.Find();

    /// <summary>How to run.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="savedTile">The tile of a video or latents that is to be repeated, if any.</param>
    /// <param name="encodes">Whether prompts will be read.</param>
    public PipelineOptions Pipeline(ParseResult parsed, int? savedTile, bool encodes = true)
    {
        var defaults = new PipelineOptions();
        int tile = parsed.GetValue(_decodeTile) ?? savedTile ?? NoTile;
        return defaults with
        {
            Threads = parsed.GetValue(_threads) ?? defaults.Threads,
            DecodeTile = tile == NoTile ? null : tile,
            TextEmbeddingCache = !encodes || parsed.GetValue(_noTextCache) ? null : PipelineOptions.DefaultTextEmbeddingCache,
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

    private static int? ParseTile(string text) =>
        text == "off" ? NoTile
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int tile) && tile >= 8 ? tile
        : throw new FormatException("a whole number, 8 or more, or off");
}
