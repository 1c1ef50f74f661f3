using OnDeviceSora.Evaluation.Scoring;
using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Bench.Quality;

/// <summary>One video of a method beside the baseline's of the same sentence and noise.</summary>
/// <param name="Prompt">The sentence.</param>
/// <param name="Similarity">Of the frames to the baseline's.</param>
/// <param name="Score">What the frames show of the sentence.</param>
/// <param name="Motion">See <see cref="MotionEnergy"/>.</param>
/// <param name="Steps">Denoising steps that were computed.</param>
/// <param name="LeapStep">Index of the step that leapt.</param>
/// <param name="Similarities">Of consecutive drifts.</param>
/// <param name="DenoisingSeconds">Time of the denoising.</param>
/// <param name="Seconds">Time of the whole video.</param>
/// <param name="Sheet">Some of its frames in one picture, as a PNG; only of the sentences that are shown.</param>
internal sealed record QualitySample(
    Prompt Prompt, VideoSimilarity Similarity, SceneScore Score, double Motion, int Steps, int? LeapStep, IReadOnlyList<float> Similarities, double DenoisingSeconds, double Seconds, byte[]? Sheet);
