using System.Globalization;

namespace OnDeviceSora.Acceleration;

/// <summary>When Linear Proportional Leap ends the denoising early (paper, section 4).</summary>
public abstract record LeapSettings
{
    private LeapSettings() { }

    /// <summary>Every step is computed.</summary>
    public static LeapSettings Off { get; } = new Never();

    /// <summary>Leap when consecutive drifts stop becoming more alike, with the paper's parameters. The default of a request.</summary>
    public static LeapSettings Automatic { get; } = new Dynamic();

    /// <summary>Leap at a given step.</summary>
    /// <param name="step">Step index, from 0; see <see cref="Fixed"/>.</param>
    public static LeapSettings At(int step) => new Fixed(step);

    /// <summary>Steps that are computed of so many, as far as that is known before.</summary>
    internal int MostSteps(int steps) => this is Fixed leap ? Math.Min(steps, leap.Step + 1) : steps;

    /// <summary>Refuses settings that make sense for no video.</summary>
    /// <exception cref="InvalidRequestException">A setting is outside its range.</exception>
    internal void Check()
    {
        const string Name = nameof(VideoRequest.Leap);
        switch (this)
        {
            case Fixed { Step: < 0 } target:
                throw new InvalidRequestException(Name, $"The leap is at step {target.Step}; it must be 0 or more.");
            case Dynamic { MinimumSteps: < 1 } rule:
                throw new InvalidRequestException(Name, $"The leap's minimum steps are {rule.MinimumSteps}; they must be at least 1.");
            case Dynamic { Patience: < 1 } rule:
                throw new InvalidRequestException(Name, $"The leap's patience is {rule.Patience}; it must be at least 1.");
            case Dynamic rule when !(rule.Tolerance is >= 0 and <= 1):
                throw new InvalidRequestException(Name, string.Create(CultureInfo.InvariantCulture, $"The leap's tolerance is {rule.Tolerance}; it must be 0 to 1."));
        }
    }

    /// <summary>No leap.</summary>
    public sealed record Never : LeapSettings;

    /// <summary>The step with this index, counted from 0, is the last one and takes all the remaining time.</summary>
    /// <param name="Step">0 to steps - 1. With 15, 16 steps are computed (the paper's app does so, of 30).</param>
    public sealed record Fixed(int Step) : LeapSettings;

    /// <summary>Leap when the cosine similarity of consecutive drifts has stopped rising (paper, section 4.3).</summary>
    public sealed record Dynamic : LeapSettings
    {
        /// <summary>Steps before similarities count. Default 14; at least 1.</summary>
        public int MinimumSteps { get; init; } = 14;

        /// <summary>A similarity counts as better only when it exceeds the best so far by more than this. Default 0.001; 0 to 1.</summary>
        public float Tolerance { get; init; } = 1e-3f;

        /// <summary>How many steps in a row may fail to be better before the leap. Default 3; at least 1.</summary>
        public int Patience { get; init; } = 3;
    }
}
