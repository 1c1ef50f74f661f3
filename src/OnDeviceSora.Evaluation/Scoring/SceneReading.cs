using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>What is seen in a clip; <c>null</c> for what is not found.</summary>
/// <param name="Background">What is behind.</param>
/// <param name="Colour">The thing's colour.</param>
/// <param name="Figure">Its shape.</param>
/// <param name="Size">Its size.</param>
/// <param name="Motion">What it does.</param>
public sealed record SceneReading(Background Background, Colour? Colour = null, Figure? Figure = null, Size? Size = null, Motion? Motion = null);
