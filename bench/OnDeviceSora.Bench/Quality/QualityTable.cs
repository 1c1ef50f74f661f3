using System.Globalization;

namespace OnDeviceSora.Bench.Quality;

/// <summary>The results as a table of Markdown.</summary>
internal static class QualityTable
{
    private const string Head = "| Technique | Method | Steps | SSIM | PSNR | Motion | All four | Background | Colour | Shape | Motion read | Denoising | In all | Speed-up | In all | Leapt at |";

    public static void Write(TextWriter output, IReadOnlyList<QualityResult> results)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{results[0].Samples.Count} sentences; SSIM and PSNR (dB) against no technique; motion: mean change from frame to frame in 8-bit levels; speed-ups: median of the sentences' ratios"));
        output.WriteLine(Head);
        output.WriteLine(string.Concat(Enumerable.Repeat("| --- ", Head.Count(c => c == '|') - 1)) + "|");
        foreach (var result in results) output.WriteLine(Row(result, results[0]));
        output.WriteLine();
        WritePairs(output, results[0]);
    }

    /// <summary>What the model can do with pairs of colour and shape that it has seen, and with those it has not.</summary>
    private static void WritePairs(TextWriter output, QualityResult result)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Scores of {result.Method.Group}, by the pair of colour and shape"));
        output.WriteLine("| Pairs | Sentences | All four | Background | Colour | Shape | Size | Motion read |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var (name, heldOut) in (ReadOnlySpan<(string, bool)>)[("that training showed", false), ("held out of it", true)])
        {
            if (result.ScoreOfPairs(heldOut) is not { } score) continue;
            var count = result.Samples.Count(sample => sample.Prompt.Scene.Thing.IsHeldOut == heldOut);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {count} | {score.AllFour:P1} | {score.Background:P1} | {score.Colour:P1} | {score.Figure:P1} | {score.Size:P1} | {score.Motion:P1} |"));
        }
    }

    private static string Row(QualityResult result, QualityResult baseline)
    {
        var score = result.Score;
        var (ssim, psnr) = result == baseline ? ("1", "") : (result.Ssim.ToString("F4", CultureInfo.InvariantCulture), result.Psnr.ToString("F1", CultureInfo.InvariantCulture));
        return string.Create(CultureInfo.InvariantCulture,
            $"| {result.Method.Group} | {result.Method.Name} | {result.Steps:0.#} | {ssim} | {psnr} | {result.Motion:F2} | {score.AllFour:P1} | {score.Background:P0} | {score.Colour:P0} | {score.Figure:P0} | {score.Motion:P0} | {result.DenoisingSeconds:F2} s | {result.Seconds:F2} s | {result.SpeedUp(baseline):F2}x | {result.SpeedUpInAll(baseline):F2}x | {result.LeapStep:0.#} |");
    }
}
