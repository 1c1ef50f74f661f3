using OnDeviceSora.Bench.Precision;
using OnDeviceSora.Bench.Synthesis;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Tests.Bench;

public sealed class PrecisionComparisonTests
{
    [Fact]
    public async Task The_embedded_model_draws_the_same_videos_with_fewer_bits()
    {
        var model = Path.GetDirectoryName(SynthesizeCommand.EmbeddedTokenizer())!;
        PackagePrecision[] precisions = [.. new[] { WeightPrecision.Bf16, WeightPrecision.Int8 }
            .Select(transformer => new PackagePrecision(WeightPrecision.Fp32, transformer, WeightPrecision.Fp32))];
        using var models = new ComparedModels(model, precisions, threads: 2);

        var results = await PrecisionComparison.Run(models, Prompt.Draw(1, seed: 1), seed: 1, steps: 4, CancellationToken.None);

        Assert.Equal(["reference", "bf16", "int8"], results.Select(result => result.Name));
        Assert.All(results, result => Assert.Equal(1, result.Count));
        var (reference, bf16, int8) = (results[0], results[1], results[2]);
        Assert.Equal((0, 0, 1), (reference.VelocityError, reference.LatentError, Math.Round(reference.Ssim, 12)));
        Assert.InRange(bf16.Ssim, 0.98, 1);
        Assert.InRange(int8.Ssim, 0.95, 1);
        // Rounded weights do show, and integers more than bfloat16.
        Assert.InRange(bf16.VelocityError, 1e-5, 1e-2);
        Assert.InRange(int8.VelocityError, bf16.VelocityError, 5e-2);
    }
}
