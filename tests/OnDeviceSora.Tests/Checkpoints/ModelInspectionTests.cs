using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

public sealed class ModelInspectionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("t5", ModelKind.T5Encoder, 31)]
    [InlineData("stdit3", ModelKind.STDiT3, 89)]
    [InlineData("vae", ModelKind.Vae, 393)]
    public void A_bare_file_shows_its_sizes_by_its_shapes(string folder, ModelKind kind, int tensors)
    {
        var inspection = ModelInspection.Inspect(RepositoryGoldens.File(folder, "tiny.weights.safetensors"));
        var checkpoint = Assert.Single(inspection.Checkpoints);
        Assert.Equal((kind, tensors, null), (checkpoint.Kind, checkpoint.Tensors.Count, checkpoint.ConfigPath));
        Assert.True(inspection.IsComplete);
        Assert.Empty(checkpoint.Fit!.Unexpected);
        Assert.Equal(4 * checkpoint.Parameters, checkpoint.Bytes);
    }

    [Fact]
    public void Sizes_read_off_the_shapes_are_the_models_sizes()
    {
        using var t5 = Checkpoint.Open(RepositoryGoldens.File("t5", "tiny.weights.safetensors"));
        Assert.Equal(
            new T5Config { DModel = 64, DKv = 16, NumHeads = 4, DFf = 128, NumLayers = 3, VocabSize = 128 }, new ConfigInference(t5).T5());
        using var stdit3 = Checkpoint.Open(RepositoryGoldens.File("stdit3", "tiny.weights.safetensors"));
        Assert.Equal(
            new STDiT3Config { HiddenSize = 96, NumHeads = 4, Depth = 2, CaptionChannels = 64, ModelMaxLength = 16 }, new ConfigInference(stdit3).STDiT3());
        using var vae = Checkpoint.Open(RepositoryGoldens.File("vae", "tiny.weights.safetensors"));
        var config = new ConfigInference(vae).Vae();
        Assert.Equal([16, 16, 32, 32], config.Spatial.BlockOutChannels);
        Assert.Equal((2, 8, 2), (config.Spatial.LayersPerBlock, config.Temporal.Filters, config.Temporal.NumResBlocks));
        Assert.Equal([1, 2, 2, 4], config.Temporal.ChannelMultipliers);
        Assert.Equal([false, true, true], config.Temporal.TemporalDownsample);
    }

    [Fact]
    public void A_model_folder_is_shown_part_by_part()
    {
        SmallModel.Write(_folder);
        var inspection = ModelInspection.Inspect(_folder.Path);
        Assert.True(inspection is { IsModelFolder: true, IsComplete: true, MissingParts: [] });
        Assert.Equal([ModelKind.T5Encoder, ModelKind.STDiT3, ModelKind.Vae], inspection.Checkpoints.Select(c => c.Kind));
        Assert.All(inspection.Checkpoints, c => Assert.Equal(_folder.File("config.json"), c.ConfigPath));
    }

    [Fact]
    public void What_a_folder_lacks_is_listed_and_the_rest_is_shown()
    {
        SmallModel.Write(_folder);
        File.Delete(_folder.File("spiece.model"));
        File.Delete(_folder.File("vae.safetensors"));
        var inspection = ModelInspection.Inspect(_folder.Path);
        Assert.False(inspection.IsComplete);
        Assert.Equal(2, inspection.MissingParts.Count);
        Assert.Equal(2, inspection.Checkpoints.Count);
    }

    [Fact]
    public void Missing_unexpected_and_misshapen_tensors_are_named()
    {
        var tensors = TensorNames.T5(SmallModel.Config.TextEncoder)
            .Where(t => t.Name != "encoder.block.1.layer.0.SelfAttention.k.weight")
            .Select(t => t.Name == "encoder.final_layer_norm.weight" ? t with { Shape = [95] } : t)
            .Append(new ExpectedTensor("extra", [1]))
            .Append(new ExpectedTensor("decoder.final_layer_norm.weight", [96]))
            .Append(new ExpectedTensor("lm_head.weight", [109, 96]));
        SmallModel.Write(_folder.File("t5.safetensors"), tensors);
        var checkpoint = Assert.Single(ModelInspection.Inspect(_folder.File("t5.safetensors")).Checkpoints);
        Assert.False(checkpoint.IsComplete);
        Assert.Equal(["encoder.block.1.layer.0.SelfAttention.k.weight"], checkpoint.Fit!.Missing);
        Assert.Equal(["extra"], checkpoint.Fit.Unexpected);
        Assert.Equal("encoder.final_layer_norm.weight", Assert.Single(checkpoint.Fit.Mismatched).Name);
    }

    [Fact]
    public void A_published_configuration_of_one_model_is_used()
    {
        SmallModel.Write(_folder.File("model.safetensors"), TensorNames.STDiT3(SmallModel.Config.Transformer));
        _folder.Write("config.json", "{\"hidden_size\":128,\"num_heads\":4,\"depth\":5,\"caption_channels\":96,\"model_max_length\":32}");
        var checkpoint = Assert.Single(ModelInspection.Inspect(_folder.Path).Checkpoints);
        Assert.Equal(_folder.File("config.json"), checkpoint.ConfigPath);
        Assert.Contains("spatial_blocks.4.attn.qkv.weight", checkpoint.Fit!.Missing);
    }

    [Fact]
    public void A_checkpoint_of_no_known_model_is_shown_all_the_same()
    {
        SmallModel.Write(_folder.File("x.safetensors"), [new ExpectedTensor("a.b", [2, 3])]);
        var checkpoint = Assert.Single(ModelInspection.Inspect(_folder.File("x.safetensors")).Checkpoints);
        Assert.Equal((ModelKind.Unknown, false, 6L), (checkpoint.Kind, checkpoint.IsComplete, checkpoint.Parameters));
        Assert.Contains("no model this library runs", checkpoint.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spatial_blocks.999999999.attn.qkv.weight", "'x_embedder.proj.weight' is missing")]
    [InlineData("encoder.block.0.layer.0.layer_norm.weight", "'shared.weight' is missing")]
    [InlineData("temporal_vae.x", "'spatial_vae.module.decoder.conv_in.weight' is missing")]
    public void A_fragment_says_what_it_lacks(string name, string message)
    {
        SmallModel.Write(_folder.File("x.safetensors"), [new ExpectedTensor(name, [2])]);
        var checkpoint = Assert.Single(ModelInspection.Inspect(_folder.File("x.safetensors")).Checkpoints);
        Assert.Contains(message, checkpoint.Problem, StringComparison.Ordinal);
    }
}
