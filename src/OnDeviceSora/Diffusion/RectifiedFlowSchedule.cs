namespace OnDeviceSora.Diffusion;

/// <summary>The timesteps of a rectified-flow sampling, from noise (1000) to video (0). Specification, section 6.</summary>
public sealed class RectifiedFlowSchedule
{
    /// <summary>Time units between noise and video.</summary>
    public const int TrainingSteps = 1000;

    private readonly DenoisingStep[] _steps;

    /// <summary>Creates a schedule of evenly spaced timesteps, then transformed.</summary>
    /// <param name="steps">1 to 1000.</param>
    /// <param name="transform">Shift for the video's size, or <c>null</c> for none.</param>
    /// <param name="roundTimesteps">Rounds the even timesteps to integers, half to even, before they are transformed (the paper's app does).</param>
    public RectifiedFlowSchedule(int steps, TimestepTransform? transform = null, bool roundTimesteps = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, TrainingSteps);
        var timesteps = new float[steps + 1];
        for (var i = 0; i < steps; i++) timesteps[i] = TimestepAt(i, steps, transform, roundTimesteps);
        _steps = new DenoisingStep[steps];
        for (var i = 0; i < steps; i++)
        {
            var length = (timesteps[i] - timesteps[i + 1]) / TrainingSteps;
            _steps[i] = new DenoisingStep(i, timesteps[i], length, timesteps[i] / TrainingSteps);
        }
    }

    /// <summary>The steps, in order.</summary>
    public IReadOnlyList<DenoisingStep> Steps => _steps;

    /// <summary>Mixes clean values with noise as the flow has them at a timestep: <c>(1 - t/1000) clean + (t/1000) noise</c>.</summary>
    /// <param name="clean">Values at timestep 0.</param>
    /// <param name="noise">Values at timestep 1000, as many.</param>
    /// <param name="timestep">0 to 1000.</param>
    /// <param name="mixed">Receives the result; may be either input.</param>
    public static void AddNoise(ReadOnlySpan<float> clean, ReadOnlySpan<float> noise, float timestep, Span<float> mixed)
    {
        if (noise.Length != clean.Length || mixed.Length != clean.Length) throw new ArgumentException("Clean values, noise and result differ in length.", nameof(noise));
        var part = timestep / TrainingSteps;
        for (var i = 0; i < mixed.Length; i++) mixed[i] = (1 - part) * clean[i] + part * noise[i];
    }

    private static float TimestepAt(int index, int steps, TimestepTransform? transform, bool round)
    {
        var even = (1 - (double)index / steps) * TrainingSteps;
        if (round) even = Math.Round(even, MidpointRounding.ToEven);
        return transform is { } t ? t.Apply((float)even) : (float)even;
    }
}
