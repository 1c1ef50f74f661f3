using OnDeviceSora.Acceleration;

namespace OnDeviceSora;

/// <summary>What to generate. Members left at <c>null</c> take the model's own default.</summary>
public sealed record VideoRequest
{
    /// <summary>The sentence to show. Any Unicode, not empty, at most <see cref="MaximumPromptLength"/> characters; the model sees its first tokens only.</summary>
    public required string Prompt { get; init; }

    /// <summary>Width in pixels, a multiple of 8 (the autoencoder's factor). Default: the model's.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels, a multiple of 8. Default: the model's.</summary>
    public int? Height { get; init; }

    /// <summary>Number of frames, 1 or more; 1 makes a still picture. Default: the model's.</summary>
    public int? Frames { get; init; }

    /// <summary>Frames a second, 1 to 120: the speed of the file, and an input of the model. Default: the model's.</summary>
    public int? FramesPerSecond { get; init; }

    /// <summary>Denoising steps, 1 to 1000. More is slower and, up to a point, better. Default: the model's (30).</summary>
    public int? Steps { get; init; }

    /// <summary>Classifier-free guidance scale, 0 to 100: 1 follows the prompt loosely, larger values follow it more strictly. Default: the model's (7).</summary>
    public float? GuidanceScale { get; init; }

    /// <summary>Seed of the noise, 0 or more; the same seed and settings give the same video. Default 42.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>
    /// Linear Proportional Leap: fewer denoising steps. Default <see cref="LeapSettings.Automatic"/>, which saves a good third of
    /// 30 steps for a difference that is hard to see, and none of fewer than 15; <see cref="LeapSettings.Off"/> computes every step.
    /// </summary>
    public LeapSettings Leap { get; init; } = LeapSettings.Automatic;

    /// <summary>
    /// Temporal Dimension Token Merging in the first so many steps, 0 to <see cref="Steps"/>. Default 0 (off): it saves time
    /// and costs motion (with 15 of 30 steps the paper's VBench dynamic degree falls from 0.23 to 0.12).
    /// </summary>
    public int MergeSteps { get; init; }

    /// <summary>The longest prompt accepted, in characters.</summary>
    public const int MaximumPromptLength = 32_768;
}
