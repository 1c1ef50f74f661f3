using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>What is seen of a thing; <c>null</c> for what is not found.</summary>
/// <param name="Colour">Its colour.</param>
/// <param name="Figure">Its shape.</param>
/// <param name="Size">Its size.</param>
/// <param name="Motion">What it does.</param>
public sealed record ThingReading(Colour Colour, Figure? Figure = null, Size? Size = null, Motion? Motion = null);
