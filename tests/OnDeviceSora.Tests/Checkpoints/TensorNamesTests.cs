using System.Text.Json;
using OnDeviceSora.Benchmarks;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

/// <summary>The lists of names and shapes against the published checkpoints' own lists, and against the tiny models of the goldens.</summary>
public sealed class TensorNamesTests
{
    [Fact]
    public void T5_v1_1_xxl() => AssertSame("t5_v1_1_xxl_encoder.tsv", TensorNames.T5(FullSizeModel.Config.TextEncoder));

    [Fact]
    public void STDiT3_XL_2() => AssertSame("stdit3_xl2.tsv", TensorNames.STDiT3(FullSizeModel.Config.Transformer));

    [Fact]
    public void Open_Sora_VAE_v1_2() => AssertSame("vae_v1_2.tsv", TensorNames.Vae(FullSizeModel.Config.Vae));

    [Theory]
    [InlineData("t5", "padded.json")]
    [InlineData("stdit3", "x_mask.json")]
    [InlineData("vae", "spatial_decode.json")]
    public void The_tiny_models_of_the_goldens(string folder, string caseFile)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(RepositoryGoldens.File(folder, caseFile)));
        var config = document.RootElement.GetProperty("config");
        var expected = folder switch
        {
            "t5" => TensorNames.T5(T5Config.Parse(config, caseFile)),
            "stdit3" => TensorNames.STDiT3(STDiT3Config.Parse(config, caseFile)),
            _ => TensorNames.Vae(VaeConfig.Parse(config, caseFile)),
        };
        using var checkpoint = Checkpoint.Open(RepositoryGoldens.File(folder, "tiny.weights.safetensors"));
        var fit = CheckpointFit.Of(checkpoint, expected);
        Assert.Empty(fit.Missing);
        Assert.Empty(fit.Mismatched);
        Assert.Empty(fit.Unexpected);
    }

    private static void AssertSame(string file, IEnumerable<ExpectedTensor> tensors)
    {
        var published = File.ReadAllLines(RepositoryGoldens.File("names", file)).Skip(1).Where(l => l.Length > 0)
            .Select(l => string.Join('\t', l.Split('\t')[..2]));
        var ours = tensors.Select(t => $"{t.Name}\t{string.Join('x', t.Shape)}");
        Assert.Equal(published.Order(StringComparer.Ordinal), ours.Order(StringComparer.Ordinal));
    }
}
