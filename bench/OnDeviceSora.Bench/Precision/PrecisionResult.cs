using OnDeviceSora.Evaluation.Scoring;
using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Bench.Precision;

/// <summary>One video of a model beside the reference's of the same noise.</summary>
/// <param name="Prompt">The sentence.</param>
/// <param name="VelocityError">Relative L2 error of the first velocity, which is given the same noise.</param>
/// <param name="LatentError">Relative L2 error of the final latents.</param>
/// <param name="Similarity">Of the frames.</param>
/// <param name="Expected">What is seen in the reference's frames.</param>
/// <param name="Seen">What is seen in the frames.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record PrecisionSample(
    Prompt Prompt, double VelocityError, double LatentError, VideoSimilarity Similarity, SceneReading Expected, SceneReading Seen, double Seconds)
{
    /// <summary>What the frames show of the sentence.</summary>
    public SceneScore Score { get; } = SceneScore.Of(Seen, Prompt.Scene);
}

/// <summary>All videos of a model.</summary>
/// <param name="name">The model's name.</param>
internal sealed class PrecisionResult(string name)
{
    private readonly List<PrecisionSample> _samples = [];

    /// <summary>The model's name.</summary>
    public string Name => name;

    /// <summary>Videos.</summary>
    public int Count => _samples.Count;

    public double VelocityError => _samples.Average(sample => sample.VelocityError);

    public double LatentError => _samples.Average(sample => sample.LatentError);

    public double Ssim => _samples.Average(sample => sample.Similarity.Ssim);

    public double Psnr => _samples.Average(sample => sample.Similarity.Psnr);

    /// <summary>The video that is least like the reference's.</summary>
    public PrecisionSample Worst => _samples.MinBy(sample => sample.Similarity.Ssim)!;

    /// <summary>The videos in which something else is seen than in the reference's.</summary>
    public IReadOnlyList<PrecisionSample> ReadOtherwise => [.. _samples.Where(sample => sample.Seen != sample.Expected)];

    public SceneScore Score => SceneScore.Mean([.. _samples.Select(sample => sample.Score)]);

    /// <summary>Median time of a video.</summary>
    public double Seconds => _samples.Select(sample => sample.Seconds).Order().ElementAt(Count / 2);

    public void Add(PrecisionSample sample) => _samples.Add(sample);
}
