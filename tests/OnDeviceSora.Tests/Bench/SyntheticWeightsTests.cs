using OnDeviceSora.Bench.Synthesis;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tests.Checkpoints;
using OnDeviceSora.Tests.Checkpoints.Packages;

namespace OnDeviceSora.Tests.Bench;

/// <summary>Made-up models: the published names, weights that do not depend on the order of asking, activations that stay finite.</summary>
public sealed class SyntheticWeightsTests
{
    [Theory]
    [InlineData("t5_v1_1_xxl_encoder.tsv"), InlineData("stdit3_xl2.tsv"), InlineData("vae_v1_2.tsv")]
    public void The_full_model_has_the_published_tensors(string file)
    {
        var full = SyntheticModels.Full;
        var tensors = file switch
        {
            "t5_v1_1_xxl_encoder.tsv" => TensorNames.T5(full.TextEncoder),
            "stdit3_xl2.tsv" => TensorNames.STDiT3(full.Transformer),
            _ => TensorNames.Vae(full.Vae),
        };
        var published = File.ReadAllLines(RepositoryGoldens.File("names", file)).Skip(1).Where(l => l.Length > 0).Select(l => string.Join('\t', l.Split('\t')[..2]));
        Assert.Equal(published.Order(StringComparer.Ordinal), tensors.Select(t => $"{t.Name}\t{string.Join('x', t.Shape)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_weight_depends_on_seed_name_and_place_alone()
    {
        var tensor = new ExpectedTensor("a.weight", [50, 40]);
        var whole = Read(tensor, 1, 0, 2000);
        foreach (var (first, count) in ((int, int)[])[(0, 1), (1, 70), (13, 64), (1999, 1), (500, 1500)])
            Assert.Equal(whole[first..(first + count)], Read(tensor, 1, first, count));
        Assert.NotEqual(whole, Read(tensor, 2, 0, 2000));
        Assert.NotEqual(whole, Read(tensor with { Name = "b.weight" }, 1, 0, 2000));
        Assert.InRange(whole.Distinct().Count(), 1990, 2000);
    }

    [Fact]
    public void The_numbers_are_the_same_on_every_machine() =>
        // Fixed here once: a package made elsewhere must have the same hashes.
        Assert.Equal([-0.158264816f, -0.199898764f, 0.148185357f], Read(new ExpectedTensor("a.weight", [50, 40]), 1, 0, 3));

    [Fact]
    public void Places_beyond_32_bits_are_other_numbers()
    {
        float[] low = new float[64], high = new float[64], across = new float[64];
        CounterNoise.Fill(5, 0, 0, 1, low);
        CounterNoise.Fill(5, 1L << 32, 0, 1, high);
        CounterNoise.Fill(5, (1L << 32) - 32, 0, 1, across);
        Assert.NotEqual(low, high);
        Assert.Equal(high[..32], across[32..]);
    }

    [Theory]
    [InlineData("a.weight", 1000, 100, 0, 0.1)]
    [InlineData("x.attn.proj.weight", 1000, 100, 0, 0.01)]
    [InlineData("a.norm.weight", 100_000, 0, 1, 0.05)]
    [InlineData("a.bias", 100_000, 0, 0, 0.02)]
    [InlineData("shared.weight", 1000, 100, 0, 1)]
    public void Spreads_follow_the_width(string name, int rows, int columns, double mean, double deviation)
    {
        var values = Read(new ExpectedTensor(name, columns == 0 ? [rows] : [rows, columns]), 1, 0, 100_000);
        Assert.Equal(mean, values.Average(v => (double)v), 0.02 * deviation);
        Assert.Equal(deviation, Math.Sqrt(values.Average(v => Math.Pow(v - mean, 2))), 0.02 * deviation);
    }

    [Fact]
    public async Task A_made_up_model_gives_finite_latents_of_ordinary_size_and_pictures()
    {
        using var folder = new TemporaryFolder();
        using (var source = SynthesizeCommand.Source("tiny", SyntheticModels.Tiny, File.ReadAllBytes(Path.Combine(Pipeline.EmbeddedModel.Folder, "spiece.model")), 1))
            PackageWriter.Write(source, folder["p"], new PackagePrecision(), false, null, CancellationToken.None);
        using var pipeline = VideoPipeline.Open(folder["p"]);
        var latents = await pipeline.SampleAsync(new VideoRequest { Prompt = "a red circle", Steps = 3, Width = 32, Height = 32, Frames = 17 });
        Assert.All(latents.Values, v => Assert.InRange(v, -100, 100));
        Assert.InRange(latents.Values.Distinct().Count(), 310, 4 * 5 * 4 * 4);
        var video = await pipeline.DecodeAsync(latents);
        Assert.Contains(video.Frames, frame => frame.Rgb.Distinct().Count() > 10);
    }

    [Fact]
    public void The_published_layout_has_the_published_shards()
    {
        using var folder = new TemporaryFolder();
        TinyPackage.WritePublished(folder["c"]);
        var t5 = folder.File("c/pixart_sigma_sdxlvae_T5_diffusers/text_encoder");
        var index = ShardIndex.Load(Path.Combine(t5, "model.safetensors.index.json"));
        Assert.Equal(["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"], index.Shards);
        Assert.DoesNotContain("encoder.embed_tokens.weight", index.ShardOf.Keys);
        Assert.All(index.Shards, shard => Assert.InRange(new FileInfo(Path.Combine(t5, shard)).Length, 100_000, 300_000));
    }

    private static float[] Read(ExpectedTensor tensor, long seed, int first, int count)
    {
        var values = new float[count];
        new SyntheticWeights([tensor], seed).Read(tensor, first, values);
        return values;
    }
}
