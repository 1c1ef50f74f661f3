using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelFolderTests() => SmallModel.Write(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_whole_folder_opens()
    {
        using var model = ModelFolder.Open(_folder.Path);
        Assert.Equal(128, model.Config.Transformer.HiddenSize);
        Assert.Equal(_folder.File("spiece.model"), model.TokenizerPath);
        var values = new float[96];
        model.TextEncoder.Read("encoder.final_layer_norm.weight", [96], values);
        Assert.True(model.Transformer.Contains("final_layer.linear.bias"));
        Assert.True(model.Vae.Contains("temporal_vae.decoder.conv_out.conv.bias"));
    }

    [Fact]
    public void A_part_may_be_a_folder_of_its_own()
    {
        Directory.CreateDirectory(_folder.File("vae"));
        File.Move(_folder.File("vae.safetensors"), Path.Combine(_folder.File("vae"), "diffusion_pytorch_model.safetensors"));
        using var model = ModelFolder.Open(_folder.Path);
        Assert.EndsWith("diffusion_pytorch_model.safetensors", model.Vae.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_missing_part_is_listed()
    {
        foreach (var file in Directory.GetFiles(_folder.Path)) File.Delete(file);
        var error = Assert.Throws<InvalidModelException>(() => ModelFolder.Open(_folder.Path));
        foreach (var part in (string[])["config.json", "spiece.model", "text_encoder.safetensors (or", "transformer.safetensors (or", "vae.safetensors (or"])
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json"), InlineData("spiece.model"), InlineData("text_encoder.safetensors"), InlineData("transformer.safetensors"), InlineData("vae.safetensors")]
    public void One_missing_part_is_named(string part)
    {
        File.Delete(_folder.File(part));
        var error = Assert.Throws<InvalidModelException>(() => ModelFolder.Open(_folder.Path));
        Assert.Contains($"missing: {part}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_or_a_file_is_refused()
    {
        Assert.Contains("does not exist", Assert.Throws<InvalidModelException>(() => ModelFolder.Open(_folder.File("no"))).Message, StringComparison.Ordinal);
        Assert.Contains("this is a file", Assert.Throws<InvalidModelException>(() => ModelFolder.Open(_folder.File("config.json"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_and_misshapen_tensors_are_named()
    {
        var tensors = TensorNames.STDiT3(SmallModel.Config.Transformer).Where(t => t.Name != "t_block.1.bias")
            .Select(t => t.Name == "t_block.1.weight" ? t with { Shape = [7, 5] } : t);
        SmallModel.Write(_folder.File("transformer.safetensors"), tensors);
        var error = Assert.Throws<InvalidModelException>(() => ModelFolder.Open(_folder.Path));
        Assert.Contains("1 tensors are missing: 't_block.1.bias'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'t_block.1.weight' has the shape [7, 5], [768, 128] is needed", error.Message, StringComparison.Ordinal);
        Assert.Contains("transformer.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_part_is_named()
    {
        using (var file = new FileStream(_folder.File("vae.safetensors"), FileMode.Open)) file.SetLength(file.Length - 10);
        var error = Assert.Throws<InvalidFileException>(() => ModelFolder.Open(_folder.Path));
        Assert.Equal(_folder.File("vae.safetensors"), error.Path);
        Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
    }
}
