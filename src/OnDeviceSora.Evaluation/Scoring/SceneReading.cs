using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>What is seen in a clip; <c>null</c> for what is not found.</summary>
/// <param name="Background">What is behind.</param>
/// <param name="Thing">The thing; the left one of two.</param>
/// <param name="Beside">The right one of two.</param>
public sealed record SceneReading(Background Background, ThingReading? Thing = null, ThingReading? Beside = null);
