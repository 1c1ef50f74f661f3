using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>What a sampler tells after each step.</summary>
/// <param name="Step">The step that is done.</param>
/// <param name="Steps">Steps in the schedule.</param>
/// <param name="Similarity">Cosine similarity of this step's drift to the one before it; <c>null</c> in the first step.</param>
/// <param name="Leapt">True when this step took all the remaining time and was the last one.</param>
/// <param name="Latents">
/// The latents <c>[videos, channels, frames, height, width]</c> after the step. Valid during the call only.
/// </param>
/// <param name="Velocity">The velocity of the step, of the same shape. Valid during the call only.</param>
/// <param name="State">Where the sampling stands after the step: <see cref="SamplingSettings.Start"/> goes on from there.</param>
public readonly record struct SamplingReport(DenoisingStep Step, int Steps, float? Similarity, bool Leapt, Tensor Latents, Tensor Velocity, SamplingState State)
{
    /// <summary>How far the latents still are from the end, along the velocity, after the step: where a leap from here would take them.</summary>
    public float Left => Leapt ? 0 : Step.Remaining - Step.Length;
}

/// <summary>How a sampling went.</summary>
/// <param name="ExecutedSteps">Steps that were computed.</param>
/// <param name="LeapStep">Index of the step that leapt, or <c>null</c>.</param>
/// <param name="Similarities">Cosine similarity of each drift to the one before it, from the second step on.</param>
public sealed record SamplingResult(int ExecutedSteps, int? LeapStep, IReadOnlyList<float> Similarities);
