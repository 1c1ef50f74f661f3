namespace OnDeviceSora;

/// <summary>How a denoising went.</summary>
/// <param name="ExecutedSteps">Denoising steps that were computed.</param>
/// <param name="LeapStep">Index of the step that leapt, counted from 0; <c>null</c> when none did.</param>
/// <param name="Similarities">Cosine similarity of each step's drift to the one before it; the first step has none.</param>
/// <param name="Timings">Time each stage took.</param>
public sealed record SamplingSummary(
    int ExecutedSteps, int? LeapStep, IReadOnlyList<float> Similarities, IReadOnlyDictionary<GenerationStage, TimeSpan> Timings);
