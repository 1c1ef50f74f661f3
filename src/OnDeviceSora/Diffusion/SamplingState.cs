using OnDeviceSora.Acceleration;

namespace OnDeviceSora.Diffusion;

/// <summary>Where a sampling stands between two steps. With the latents of that moment it goes on bit for bit as if it had never stopped.</summary>
/// <param name="CompletedSteps">Steps that are done, 0 or more; the next one has this index.</param>
/// <param name="LeapStep">Index of the step that leapt, which was the last; <c>null</c> when none did.</param>
/// <param name="Leap">What Linear Proportional Leap remembers.</param>
/// <param name="Similarities">Cosine similarity of each drift to the one before it, from the second step on.</param>
public sealed record SamplingState(int CompletedSteps, int? LeapStep, LeapState Leap, IReadOnlyList<float> Similarities);
