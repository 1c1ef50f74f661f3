using OnDeviceSora.Acceleration;

namespace OnDeviceSora.Diffusion;

/// <summary>How one sampling runs.</summary>
public sealed record SamplingSettings
{
    /// <summary>The timesteps.</summary>
    public required RectifiedFlowSchedule Schedule { get; init; }

    /// <summary>The pull of the prompt. Default 7.</summary>
    public ClassifierFreeGuidance Guidance { get; init; } = new(7);

    /// <summary>When Linear Proportional Leap ends the sampling. Default: never.</summary>
    public LeapSettings Leap { get; init; } = LeapSettings.Off;

    /// <summary>Temporal Dimension Token Merging in steps with a lower index than this. Default 0: in none.</summary>
    public int MergeSteps { get; init; }

    /// <summary>Frames that are given; <c>null</c> when all frames are new.</summary>
    public FrameMask? FrameMask { get; init; }

    /// <summary>
    /// Where an earlier sampling of the same settings stopped; the latents given must be those of that moment. <c>null</c>, the
    /// default, starts from noise. Not together with <see cref="FrameMask"/>, which has a state of its own.
    /// </summary>
    public SamplingState? Start { get; init; }
}
