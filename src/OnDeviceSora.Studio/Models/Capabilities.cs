using OnDeviceSora.Media;
using OnDeviceSora.Studio.Videos;

namespace OnDeviceSora.Studio.Models;

/// <summary>What the server can do: the answer to <c>GET /capabilities</c>.</summary>
internal sealed record Capabilities(
    CapableModel Model, IReadOnlyList<string> Sizes, IReadOnlyList<CapableLength> Seconds, CapableDefaults Defaults, CapableLimits Limits, IReadOnlyList<Preset> Presets,
    CapableMemory Memory, bool Mp4, bool InputReference, bool Nearest)
{
    public static Capabilities Of(StudioModel model, StudioOptions options)
    {
        var defaults = model.Defaults;
        return new Capabilities(
            new CapableModel(model.Id, ModelAliases.Names, model.Hash),
            [.. model.Formats.Sizes.Select(size => size.ToString())],
            [.. model.Formats.Lengths.Select(length => new CapableLength(length.Seconds, length.Frames))],
            new CapableDefaults(
                $"{defaults.Width}x{defaults.Height}", model.Formats.Lengths.First(length => length.Frames == defaults.Frames).Seconds, defaults.Frames!.Value, defaults.FramesPerSecond!.Value,
                defaults.Steps!.Value, defaults.GuidanceScale!.Value, VideoObjects.LeapOf(defaults.Leap), defaults.MergeSteps, defaults.Seed),
            new CapableLimits(VideoOrders.LongestPrompt, new CapableSide(8, 4096, 8), new CapableRange(1, 4096), new CapableRange(1, 120), new CapableRange(1, 1000), new CapableRange(0, 100), options.QueueLimit),
            Preset.All(defaults.Steps.Value),
            new CapableMemory(Math.Round(model.BudgetBytes / 1e6, 1), model.ChosenBudget is not null),
            VideoReader.IsAvailable,
            InputReference: false,
            options.Nearest);
    }
}

/// <summary>The installed model.</summary>
internal sealed record CapableModel(string Id, IReadOnlyList<string> Aliases, string Hash);

/// <summary>A length that the model makes.</summary>
internal sealed record CapableLength(string Seconds, int NumFrames);

/// <summary>What a video is when nothing else is said.</summary>
internal sealed record CapableDefaults(string Size, string Seconds, int NumFrames, int Fps, int NumInferenceSteps, float GuidanceScale, object Leap, int MergeSteps, long Seed);

/// <summary>What fields may be.</summary>
internal sealed record CapableLimits(int PromptCharacters, CapableSide Side, CapableRange NumFrames, CapableRange Fps, CapableRange NumInferenceSteps, CapableRange GuidanceScale, int Queue);

/// <summary>From and to.</summary>
internal sealed record CapableRange(int Minimum, int Maximum);

/// <summary>Width and height.</summary>
internal sealed record CapableSide(int Minimum, int Maximum, int Multiple);

/// <summary>Memory that the server may take.</summary>
/// <param name="BudgetMb">In MB (1e6 bytes).</param>
/// <param name="Chosen">Whether a person chose it; otherwise it is what the machine can give now.</param>
internal sealed record CapableMemory(double BudgetMb, bool Chosen);
