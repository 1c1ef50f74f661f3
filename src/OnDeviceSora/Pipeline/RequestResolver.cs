using System.Globalization;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Pipeline;

/// <summary>Checks a request once, at the door, and puts the model's defaults in place of what it leaves open.</summary>
/// <param name="config">The model's sizes and defaults.</param>
internal sealed class RequestResolver(ModelConfig config)
{
    private const int MaximumSide = 4096;
    private const int MaximumFrames = 4096;

    /// <summary>The request, complete.</summary>
    /// <exception cref="InvalidRequestException">A member cannot be honoured; the message says what can.</exception>
    public VideoRequest Resolve(VideoRequest request)
    {
        var (sampling, frames) = (config.Sampling, request.Frames ?? config.Sampling.NumFrames);
        var resolved = request with
        {
            Width = request.Width ?? sampling.Width,
            Height = request.Height ?? sampling.Height,
            Frames = frames,
            FramesPerSecond = request.FramesPerSecond ?? sampling.Fps,
            Steps = request.Steps ?? sampling.NumSamplingSteps,
            GuidanceScale = request.GuidanceScale ?? sampling.GuidanceScale,
        };
        CheckPrompt(resolved.Prompt);
        CheckSide(nameof(VideoRequest.Width), resolved.Width.Value);
        CheckSide(nameof(VideoRequest.Height), resolved.Height.Value);
        CheckRange(nameof(VideoRequest.Frames), frames, 1, MaximumFrames, "frames");
        CheckRange(nameof(VideoRequest.FramesPerSecond), resolved.FramesPerSecond.Value, 1, 120, "frames a second");
        CheckRange(nameof(VideoRequest.Steps), resolved.Steps.Value, 1, 1000, "steps");
        CheckGuidance(resolved.GuidanceScale.Value);
        if (resolved.Seed < 0) throw new InvalidRequestException(nameof(VideoRequest.Seed), $"The seed is {resolved.Seed}; it must be 0 or more.");
        CheckRange(nameof(VideoRequest.MergeSteps), resolved.MergeSteps, 0, resolved.Steps.Value, "merged steps (at most all steps)");
        CheckLeap(resolved.Leap, resolved.Steps.Value);
        return resolved;
    }

    private static void CheckPrompt(string? prompt)
    {
        if (string.IsNullOrWhiteSpace(prompt)) throw new InvalidRequestException(nameof(VideoRequest.Prompt), "The prompt is empty; describe what the video should show.");
        if (prompt.Length > VideoRequest.MaximumPromptLength) throw new InvalidRequestException(nameof(VideoRequest.Prompt), $"The prompt has {prompt.Length} characters; at most {VideoRequest.MaximumPromptLength} are accepted (the model reads its first words only).");
    }

    private void CheckSide(string name, int value)
    {
        var factor = config.Vae.Spatial.Factor;
        if (value >= factor && value <= MaximumSide && value % factor == 0) return;
        var nearest = Math.Clamp((int)Math.Round(value / (double)factor), 1, MaximumSide / factor) * factor;
        throw new InvalidRequestException(name, $"{name} is {value} pixels; it must be a multiple of {factor} from {factor} to {MaximumSide} (nearest: {nearest}).");
    }

    private static void CheckRange(string name, int value, int minimum, int maximum, string unit)
    {
        if (value < minimum || value > maximum) throw new InvalidRequestException(name, $"{name} is {value}; it must be {minimum} to {maximum} {unit}.");
    }

    private static void CheckGuidance(float scale)
    {
        if (scale is >= 0 and <= 100) return;
        throw new InvalidRequestException(nameof(VideoRequest.GuidanceScale), string.Create(CultureInfo.InvariantCulture, $"The guidance scale is {scale}; it must be 0 to 100 (usual: 1 to 10)."));
    }

    private static void CheckLeap(LeapSettings? leap, int steps)
    {
        const string Name = nameof(VideoRequest.Leap);
        if (leap is null) throw new InvalidRequestException(Name, "Leap settings are missing; use LeapSettings.Off for none.");
        if (leap is LeapSettings.Fixed { Step: var step } && (step < 0 || step >= steps)) throw new InvalidRequestException(Name, $"The leap is at step {step}; with {steps} steps it must be 0 to {steps - 1}.");
        leap.Check();
    }
}
