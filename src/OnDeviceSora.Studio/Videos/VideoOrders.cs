using System.Globalization;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Budget;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Models;

namespace OnDeviceSora.Studio.Videos;

/// <summary>Makes orders of a call's fields: names of the hosted API and of other local servers become a request to the model.</summary>
internal sealed class VideoOrders(StudioModel model, StudioOptions options)
{
    /// <summary>The longest prompt, in characters, as the Videos API has it.</summary>
    public const int LongestPrompt = 32_000;

    /// <summary>Seconds; more are as far from every length.</summary>
    private const double LongestAsked = 1e6;

    /// <summary>The fields of a call that creates a video.</summary>
    public static IReadOnlyList<string> Fields { get; } =
    [
        "prompt", "model", "seconds", "size", "input_reference", "seed", "num_frames", "fps", "num_inference_steps", "guidance_scale", "negative_prompt",
        "width", "height", "leap", "merge_steps", "memory",
    ];

    /// <summary>The names that the library and the Videos API have for one thing.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        [nameof(VideoRequest.Prompt)] = "prompt",
        [nameof(VideoRequest.Width)] = "width",
        [nameof(VideoRequest.Height)] = "height",
        [nameof(VideoRequest.Frames)] = "num_frames",
        [nameof(VideoRequest.FramesPerSecond)] = "fps",
        [nameof(VideoRequest.Steps)] = "num_inference_steps",
        [nameof(VideoRequest.GuidanceScale)] = "guidance_scale",
        [nameof(VideoRequest.Seed)] = "seed",
        [nameof(VideoRequest.Leap)] = "leap",
        [nameof(VideoRequest.MergeSteps)] = "merge_steps",
        [nameof(PipelineOptions.Memory)] = "memory",
    };

    /// <summary>The order that the fields make.</summary>
    /// <exception cref="ApiException">A field cannot be honoured; the message says what can.</exception>
    public VideoOrder Of(RequestFields fields)
    {
        fields.RequireKnown(Fields);
        CheckModel(fields.Text("model"));
        if (fields.Text("negative_prompt") is { Length: > 0 }) throw ApiException.Invalid("negative_prompt", "'negative_prompt' is not possible: the model is guided away from the empty prompt only; leave it out", "unsupported_input");
        var adjusted = new List<string>();
        var size = SizeOf(fields, adjusted);
        var length = LengthOf(fields, adjusted);
        var request = new VideoRequest
        {
            Prompt = PromptOf(fields),
            Width = fields.Integer("width") ?? size?.Width,
            Height = fields.Integer("height") ?? size?.Height,
            Frames = fields.Integer("num_frames") ?? length?.Frames,
            FramesPerSecond = fields.Integer("fps"),
            Steps = fields.Integer("num_inference_steps"),
            GuidanceScale = fields.Real("guidance_scale"),
            Seed = fields.Long("seed") ?? model.Defaults.Seed,
            Leap = LeapOf(fields) ?? model.Defaults.Leap,
            MergeSteps = fields.Integer("merge_steps") ?? 0,
        };
        var complete = Translating(() => model.Complete(request));
        return new VideoOrder(complete, SecondsOf(complete), MemoryOf(fields), adjusted);
    }

    /// <summary>The prompt that the fields have.</summary>
    /// <exception cref="ApiException">They have none that can be shown.</exception>
    public static string PromptOf(RequestFields fields)
    {
        var prompt = fields.Text("prompt");
        if (string.IsNullOrWhiteSpace(prompt)) throw ApiException.Invalid("prompt", "'prompt' is missing or empty; describe what the video should show", "missing_required_parameter");
        if (prompt.Length > LongestPrompt) throw ApiException.Invalid("prompt", $"'prompt' has {prompt.Length} characters; it may have {LongestPrompt}", "string_above_max_length");
        if (prompt.Contains('{', StringComparison.Ordinal)) throw ApiException.Invalid("prompt", "'prompt' has a '{', which Open-Sora reads as the beginning of reference pictures' settings, and there are none here; leave it out");
        return prompt;
    }

    /// <summary>What an order would take.</summary>
    /// <exception cref="ApiException">It does not fit the memory; the message says what does.</exception>
    public GenerationPlan Plan(VideoOrder order) => Translating(() => model.Plan(order.Request, order.Memory));

    /// <summary>Says of an error which of the caller's fields is meant.</summary>
    private static T Translating<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (InvalidRequestException error)
        {
            throw ApiException.Invalid(Names.GetValueOrDefault(error.Parameter, error.Parameter), error.Message);
        }
    }

    private void CheckModel(string? name)
    {
        if (name is null || model.Answers(name)) return;
        throw new ApiException(400, $"there is no model '{RequestFields.Shown(name)}' here; there is {model.Id} (also called {string.Join(", ", ModelAliases.Names)})", "model", "model_not_found");
    }

    private VideoSize? SizeOf(RequestFields fields, List<string> adjusted)
    {
        if (fields.Text("size") is not { } text) return null;
        if (fields.Has("width") || fields.Has("height")) throw ApiException.Invalid("size", "'size' goes with neither 'width' nor 'height'; give one or the others");
        var sizes = model.Formats.Sizes;
        var asked = VideoSize.Parse(text) ?? throw ApiException.Invalid("size", $"'size' must be like {sizes[0]}: one of {string.Join(", ", sizes)}");
        if (sizes.Contains(asked)) return asked;
        if (!options.Nearest) throw ApiException.Invalid("size", $"{model.Id} cannot make {asked}; it makes {string.Join(", ", sizes)}", "unsupported_size");
        var nearest = sizes.MinBy(size => Distance(size, asked));
        adjusted.Add($"size {asked} became {nearest}");
        return nearest;
    }

    /// <summary>Shape counts more than the number of pixels: a person notices a video that lies on its side.</summary>
    private static double Distance(VideoSize size, VideoSize asked)
    {
        var (shape, area) = (Math.Log((double)size.Width / size.Height) - Math.Log((double)asked.Width / asked.Height), Math.Log((double)size.Width * size.Height) - Math.Log((double)asked.Width * asked.Height));
        return Math.Abs(shape) * 4 + Math.Abs(area);
    }

    private VideoLength? LengthOf(RequestFields fields, List<string> adjusted)
    {
        if (fields.TextOrNumber("seconds") is not { } text) return null;
        if (fields.Has("num_frames")) throw ApiException.Invalid("seconds", "'seconds' does not go with 'num_frames'; give one or the other");
        var lengths = model.Formats.Lengths;
        var all = string.Join(", ", lengths.Select(length => length.Seconds));
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds <= 0) throw ApiException.Invalid("seconds", $"'seconds' must be a number: one of {all}");
        var nearest = lengths.MinBy(length => Math.Abs(Number(length) - Math.Min(seconds, LongestAsked)))!;
        if (Number(nearest) == seconds) return nearest;
        if (!options.Nearest) throw ApiException.Invalid("seconds", $"{model.Id} cannot make {RequestFields.Shown(text)} seconds; it makes {all}", "unsupported_seconds");
        adjusted.Add($"seconds {RequestFields.Shown(text)} became {nearest.Seconds}");
        return nearest;

        static double Number(VideoLength length) => double.Parse(length.Seconds, CultureInfo.InvariantCulture);
    }

    private string SecondsOf(VideoRequest complete) =>
        complete.FramesPerSecond == model.Defaults.FramesPerSecond && model.Formats.Lengths.FirstOrDefault(length => length.Frames == complete.Frames) is { } known
            ? known.Seconds
            : VideoLength.Of(complete.Frames!.Value, complete.FramesPerSecond!.Value).Seconds;

    private static LeapSettings? LeapOf(RequestFields fields) => fields.TextOrNumber("leap") switch
    {
        null => null,
        "off" => LeapSettings.Off,
        "auto" => LeapSettings.Automatic,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) => LeapSettings.At(step),
        _ => throw ApiException.Invalid("leap", "'leap' must be \"off\", \"auto\", or the index of the step that leaps, 0 or more"),
    };

    private static long? MemoryOf(RequestFields fields)
    {
        if (fields.TextOrNumber("memory") is not { } text) return null;
        try
        {
            return MemorySize.Parse(text);
        }
        catch (FormatException error)
        {
            throw ApiException.Invalid("memory", $"'memory' must be {error.Message}");
        }
    }
}
