using OnDeviceSora.Benchmarks;
using OnDeviceSora.Evaluation.Scoring;

namespace OnDeviceSora.Bench.Quality;

/// <summary>All videos of a method.</summary>
/// <param name="Method">The method.</param>
/// <param name="Samples">A video for each sentence, in their order.</param>
internal sealed record QualityResult(Method Method, IReadOnlyList<QualitySample> Samples)
{
    /// <summary>The ratio of pictures that are the same, which has no number.</summary>
    private const double SamePictures = 100;

    public double Ssim => Samples.Average(sample => sample.Similarity.Ssim);

    public double Psnr => Samples.Average(sample => Math.Min(SamePictures, sample.Similarity.Psnr));

    public SceneScore Score => SceneScore.Mean([.. Samples.Select(sample => sample.Score)]);

    /// <summary>The score of the sentences with pairs of colour and shape that training never showed, or of the others; <c>null</c> when there are none.</summary>
    public SceneScore? ScoreOfPairs(bool heldOut) =>
        Samples.Where(sample => sample.Prompt.Scene.Thing.IsHeldOut == heldOut).Select(sample => sample.Score).ToList() is { Count: > 0 } scores ? SceneScore.Mean(scores) : null;

    public double Motion => Samples.Average(sample => sample.Motion);

    public double Steps => Samples.Average(sample => sample.Steps);

    /// <summary>Mean index of the steps that leapt; <c>null</c> when none did.</summary>
    public double? LeapStep => Samples.Any(sample => sample.LeapStep is not null) ? Samples.Where(sample => sample.LeapStep is not null).Average(sample => sample.LeapStep!.Value) : null;

    public double DenoisingSeconds => Timing.Median(Samples.Select(sample => sample.DenoisingSeconds));

    public double Seconds => Timing.Median(Samples.Select(sample => sample.Seconds));

    /// <summary>Median of each sentence's ratio: the baseline's denoising by this method's.</summary>
    public double SpeedUp(QualityResult baseline) => Timing.Median(baseline.Samples.Zip(Samples, (slow, fast) => slow.DenoisingSeconds / fast.DenoisingSeconds));

    /// <summary>The same for the whole videos.</summary>
    public double SpeedUpInAll(QualityResult baseline) => Timing.Median(baseline.Samples.Zip(Samples, (slow, fast) => slow.Seconds / fast.Seconds));
}
