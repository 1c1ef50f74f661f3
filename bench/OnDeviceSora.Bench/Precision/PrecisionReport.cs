using System.Globalization;
using System.Text.Json;

namespace OnDeviceSora.Bench.Precision;

/// <summary>Prints a line a model.</summary>
/// <param name="output">Where to.</param>
/// <param name="json">As one JSON object a line.</param>
internal sealed class PrecisionReport(TextWriter output, bool json)
{
    private static readonly JsonSerializerOptions Naming = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Prints the results.</summary>
    public void Print(IReadOnlyList<PrecisionResult> results)
    {
        if (!json)
        {
            output.WriteLine($"{results[0].Count} sentences; errors, SSIM and PSNR (dB) against the reference; score: share of videos that show what the sentence says");
            output.WriteLine("| transformer | SSIM | lowest | PSNR | first velocity | latents | all four | parts | background | colour | shape | motion | size | read otherwise | s |");
            output.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        }

        foreach (var result in results) output.WriteLine(json ? JsonSerializer.Serialize(Line.Of(result), Naming) : Row(Line.Of(result)));
        if (json) return;
        foreach (var result in results.Skip(1)) PrintVideos(result);
    }

    private void PrintVideos(PrecisionResult result)
    {
        output.WriteLine($"{result.Name}: least alike \"{result.Worst.Prompt.Text}\"");
        foreach (var sample in result.ReadOtherwise) output.WriteLine($"{result.Name}: \"{sample.Prompt.Text}\" reads {sample.Seen}, the reference's {sample.Expected}");
    }

    private static string Row(Line line) => string.Create(CultureInfo.InvariantCulture,
        $"| {line.Transformer} | {line.SsimMean:F4} | {line.SsimMin:F4} | {line.PsnrMean:F1} | {line.VelocityError:0.0e+0} | {line.LatentError:0.0e+0} | {line.ScoreAllFour:P1} | {line.ScoreParts:P1} | {line.Background:P0} | {line.Colour:P0} | {line.Shape:P0} | {line.Motion:P0} | {line.Size:P0} | {line.ReadOtherwise} | {line.Seconds:F2} |");

    private sealed record Line(
        string Transformer, int Videos, double SsimMean, double SsimMin, double PsnrMean, double VelocityError, double LatentError,
        double ScoreAllFour, double ScoreParts, double Background, double Colour, double Shape, double Motion, double Size, int ReadOtherwise, double Seconds, string Worst)
    {
        public static Line Of(PrecisionResult result)
        {
            var score = result.Score;
            return new Line(
                result.Name, result.Count, result.Ssim, result.Worst.Similarity.Ssim, result.Psnr, result.VelocityError, result.LatentError,
                score.AllFour, score.Parts, score.Background, score.Colour, score.Figure, score.Motion, score.Size, result.ReadOtherwise.Count, result.Seconds, result.Worst.Prompt.Text);
        }
    }
}
