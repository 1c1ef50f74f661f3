using System.CommandLine;
using System.Globalization;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary>The prompt and the options that make a <see cref="VideoRequest"/>.</summary>
internal sealed class RequestOptions
{
    private readonly Argument<string?> _prompt = new("prompt") { Description = "The sentence to show. May be left out with --like.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<string?> _like = OptionParsing.Text("--like", "FILE",
        "Take all settings from a video that sora wrote (.mp4, .png, its .json, a folder of pictures, or saved latents); with the same model the video is the same bit for bit. Further options change it.");

    private readonly Option<(int Width, int Height)?> _size = SizeOption("Width and height in pixels, multiples of 8. Default: the model's.");
    private readonly Option<int?> _frames = OptionParsing.Whole("--frames", "N", "Number of frames; 1 makes a still picture. Default: the model's.", minimum: 1);
    private readonly Option<int?> _fps = OptionParsing.Whole("--fps", "N", "Frames a second, 1 to 120; the model sees it too. Default: the model's.", minimum: 1);
    private readonly Option<int?> _steps = OptionParsing.Whole("--steps", "N", "Denoising steps, 1 to 1000. Default: the model's (Open-Sora: 30).", minimum: 1);
    private readonly Option<float?> _guidance = OptionParsing.Real("--guidance", "X", "How strictly to follow the prompt, 0 to 100. Default: the model's (Open-Sora: 7).");
    private readonly Option<long?> _seed = OptionParsing.Whole("--seed", "N", "Seed of the noise; same seed and settings, same video. Default: 42.", minimum: 0L);

    private readonly Option<int?> _mergeSteps = OptionParsing.Whole("--merge-steps", "N",
        "Temporal token merging in the first N steps: faster, but it costs motion (in the paper, 15 of 30 steps lower VBench's dynamic degree from .23 to .12). Default: 0, off.", minimum: 0);

    private readonly LeapOptions _leap = new();

    /// <summary>The option for the size of a video.</summary>
    public static Option<(int Width, int Height)?> SizeOption(string description) => OptionParsing.Create<(int, int)?>("--size", "WxH", description, ParseSize);

    public void AddTo(Command command)
    {
        command.Add(_prompt);
        foreach (var option in (Option[])[_size, _frames, _fps, _steps, _guidance, _seed])
            command.Add(option);
        _leap.AddTo(command);
        command.Add(_mergeSteps);
        command.Add(_like);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_prompt) is not { Tokens.Count: > 0 } && result.GetResult(_like) is null)
                result.AddError("give a prompt, for example: sora generate \"a red circle moving left\"");
        });
    }

    /// <summary>The file of <c>--like</c>, if any.</summary>
    public string? Like(ParseResult parsed) => parsed.GetValue(_like);

    /// <summary>The settings of the file of <c>--like</c>, if one was given.</summary>
    /// <exception cref="InvalidFileException">It has none.</exception>
    public VideoSettings? LikeSettings(ParseResult parsed) => parsed.GetValue(_like) switch
    {
        null => null,
        var file when file.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) && LatentsFile.Load(file) is var latents => new VideoSettings(latents.Request, latents.Model, latents.DecodeTile),
        var file => VideoSettingsReader.Read(file),
    };

    /// <summary>The request: that of <paramref name="like"/>, changed by what was given.</summary>
    public VideoRequest Request(ParseResult parsed, VideoRequest? like)
    {
        var start = like ?? new VideoRequest { Prompt = "" };
        var size = parsed.GetValue(_size);
        return start with
        {
            Prompt = parsed.GetValue(_prompt) ?? start.Prompt,
            Width = size?.Width ?? start.Width,
            Height = size?.Height ?? start.Height,
            Frames = parsed.GetValue(_frames) ?? start.Frames,
            FramesPerSecond = parsed.GetValue(_fps) ?? start.FramesPerSecond,
            Steps = parsed.GetValue(_steps) ?? start.Steps,
            GuidanceScale = parsed.GetValue(_guidance) ?? start.GuidanceScale,
            Seed = parsed.GetValue(_seed) ?? start.Seed,
            MergeSteps = parsed.GetValue(_mergeSteps) ?? start.MergeSteps,
            Leap = _leap.Settings(parsed, start.Leap),
        };
    }

    /// <summary>The option that sets a member of the request, for error messages.</summary>
    public static string? OptionFor(string member) => member switch
    {
        nameof(VideoRequest.Width) or nameof(VideoRequest.Height) => "--size",
        nameof(VideoRequest.Frames) => "--frames",
        nameof(VideoRequest.FramesPerSecond) => "--fps",
        nameof(VideoRequest.Steps) => "--steps",
        nameof(VideoRequest.GuidanceScale) => "--guidance",
        nameof(VideoRequest.Seed) => "--seed",
        nameof(VideoRequest.MergeSteps) => "--merge-steps",
        nameof(VideoRequest.Prompt) => "prompt",
        nameof(VideoRequest.Leap) => "--leap",
        nameof(LeapSettings.Dynamic.MinimumSteps) => "--leap-min-steps",
        nameof(LeapSettings.Dynamic.Tolerance) => "--leap-tolerance",
        nameof(LeapSettings.Dynamic.Patience) => "--leap-patience",
        nameof(Hub.PullOptions.Connections) => "--connections",
        nameof(Hub.PullOptions.Revision) or nameof(Hub.PullOptions.Revisions) => "--revision",
        nameof(PipelineOptions.Threads) => "--threads",
        nameof(PipelineOptions.DecodeTile) => "--decode-tile",
        nameof(PipelineOptions.Memory) => "--memory",
        nameof(PipelineOptions.Streaming) => "--streaming",
        "output" => "--output",
        "checkpoint" => "--checkpoint",
        _ => null,
    };

    private static (int, int)? ParseSize(string text)
    {
        string[] sides = text.Split('x', 'X');
        return sides.Length == 2 && Side(sides[0]) is { } width && Side(sides[1]) is { } height
            ? (width, height)
            : throw new FormatException("width x height in pixels, such as 64x64");

        static int? Side(string side) =>
            int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out int pixels) && pixels > 0 ? pixels : null;
    }
}
