using System.Text.Json;

namespace OnDeviceSora.Bench.Quality;

/// <summary>The results as one JSON object: what the page draws, and what others may read.</summary>
internal static class QualityJson
{
    private static readonly JsonSerializerOptions Naming = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static string Of(string model, IReadOnlyList<QualityResult> results, bool pictures) => JsonSerializer.Serialize(
        new
        {
            model,
            prompts = results[0].Samples.Select(sample => sample.Prompt.Text),
            methods = results.Select(result => Row(result, results[0])),
            curves = results.Where(result => result.Method.Group == Method.Baseline).Select(result => result.Samples.Select(sample => sample.Similarities)).First(),
            sheets = pictures ? results.Select(result => result.Samples.Where(sample => sample.Sheet is not null).Select(sample => Convert.ToBase64String(sample.Sheet!))) : null,
        },
        Naming);

    private static object Row(QualityResult result, QualityResult baseline) => new
    {
        group = result.Method.Group,
        name = result.Method.Name,
        steps = result.Steps,
        ssim = result.Ssim,
        psnr = result.Psnr,
        motion = result.Motion,
        score = result.Score,
        scoreTrained = result.ScoreOfPairs(heldOut: false),
        scoreHeldOut = result.ScoreOfPairs(heldOut: true),
        denoisingSeconds = result.DenoisingSeconds,
        seconds = result.Seconds,
        speedUp = result.SpeedUp(baseline),
        speedUpInAll = result.SpeedUpInAll(baseline),
        leapStep = result.LeapStep,
        leapSteps = result.Samples.Select(sample => sample.LeapStep),
    };
}
