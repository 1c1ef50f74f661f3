using OnDeviceSora.Acceleration;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>Turns noise into video latents along a rectified flow, step by step. Specification, section 6; paper, section 4.</summary>
/// <param name="engine">Where to compute.</param>
/// <param name="model">The transformer, conditioned on the text.</param>
public sealed class RectifiedFlowSampler(ComputeEngine engine, IVideoTransformer model)
{
    /// <summary>Denoises latents in place.</summary>
    /// <param name="latents">
    /// <c>[videos, channels, frames, height, width]</c>: noise at the call, or what <see cref="SamplingSettings.Start"/> goes
    /// with; the video's latents on return. After a cancellation they hold the last finished step.
    /// </param>
    /// <param name="settings">How.</param>
    /// <param name="onStep">Called after each step, in order, on the calling thread; may be <c>null</c>.</param>
    /// <param name="cancellation">Stops the work within one model block.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public SamplingResult Run(
        Tensor latents, SamplingSettings settings, Action<SamplingReport>? onStep = null, CancellationToken cancellation = default)
    {
        if (settings is { Start: not null, FrameMask: not null }) throw new ArgumentException("A sampling with given frames cannot go on from a saved state.", nameof(settings));
        var leap = new LinearProportionalLeap(settings.Leap, settings.Start?.Leap);
        var state = settings.Start ?? new SamplingState(0, null, leap.State, []);
        var steps = settings.Schedule.Steps;
        using var velocity = engine.Allocate(latents.Shape.Extents);

        for (var i = state.CompletedSteps; i < steps.Count && state.LeapStep is null; i++)
        {
            var step = steps[i];
            cancellation.ThrowIfCancellationRequested();
            settings.FrameMask?.Begin(engine, step, latents);
            settings.Guidance.Predict(engine, model, QueryFor(step, latents, settings), velocity, cancellation);
            var leaps = leap.ShouldLeap(step.Index, velocity);

            settings.FrameMask?.Hold(velocity);
            Elementwise.AddScaled(engine, latents, velocity, leaps ? step.Remaining : step.Length);

            IReadOnlyList<float> similarities = leap.LastSimilarity is { } similarity ? [.. state.Similarities, similarity] : state.Similarities;
            state = new SamplingState(i + 1, leaps ? i : null, leap.State, similarities);
            onStep?.Invoke(new SamplingReport(step, steps.Count, leap.LastSimilarity, leaps, latents, velocity, state));
        }
        return new SamplingResult(state.CompletedSteps, state.LeapStep, state.Similarities);
    }

    private static VelocityQuery QueryFor(in DenoisingStep step, Tensor latents, SamplingSettings settings) => new()
    {
        Latents = latents,
        Timestep = step.Timestep,
        ActiveFrames = settings.FrameMask?.Active,
        MergeTokens = step.Index < settings.MergeSteps,
    };
}
