namespace OnDeviceSora.Tests.Pipeline;

/// <summary>Model folders with a part missing or damaged: one clear message each, nothing left open.</summary>
public sealed class BrokenModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sora-model-").FullName;

    public BrokenModelTests()
    {
        foreach (var file in Directory.EnumerateFiles(EmbeddedModel.Folder)) File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("config.json")]
    [InlineData("spiece.model")]
    [InlineData("text_encoder.safetensors")]
    [InlineData("transformer.safetensors")]
    [InlineData("vae.safetensors")]
    public void A_missing_part_is_named(string part)
    {
        File.Delete(Path.Combine(_folder, part));
        var error = Assert.Throws<InvalidModelException>(() => VideoPipeline.Open(_folder));
        Assert.Contains(Path.GetFileNameWithoutExtension(part), error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("spiece.model")]
    [InlineData("text_encoder.safetensors")]
    [InlineData("transformer.safetensors")]
    [InlineData("vae.safetensors")]
    public void A_part_cut_in_half_is_named(string part)
    {
        var path = Path.Combine(_folder, part);
        using (var file = File.OpenWrite(path)) file.SetLength(file.Length / 2);
        var error = Assert.ThrowsAny<SoraException>(() => VideoPipeline.Open(_folder));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_size_are_refused_by_tensor()
    {
        File.Copy(Path.Combine(_folder, "text_encoder.safetensors"), Path.Combine(_folder, "transformer.safetensors"), overwrite: true);
        var error = Assert.Throws<InvalidModelException>(() => VideoPipeline.Open(_folder));
        Assert.Contains("x_embedder", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text_encoder", "text encoder")]
    [InlineData("transformer", "transformer")]
    [InlineData("vae", "autoencoder")]
    public async Task Weights_that_are_no_numbers_stop_the_run_and_are_named(string file, string part)
    {
        var path = Path.Combine(_folder, file + ".safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(8 + (int)BitConverter.ToInt64(bytes)).Fill(0xFF);
        File.WriteAllBytes(path, bytes);
        var cache = Path.Combine(_folder, "cache");
        using var pipeline = VideoPipeline.Open(_folder, new PipelineOptions { TextEmbeddingCache = cache });
        var error = await Assert.ThrowsAsync<InvalidModelException>(() => pipeline.GenerateAsync(new VideoRequest { Prompt = "x", Frames = 1, Steps = 2, Width = 32, Height = 32 }));
        Assert.Contains($"the {part} computed values that are not finite", error.Message, StringComparison.Ordinal);
        if (file == "text_encoder") Assert.False(Directory.Exists(cache) && Directory.EnumerateFiles(cache, "*", SearchOption.AllDirectories).Any());
    }

    [Fact]
    public void A_vocabulary_smaller_than_the_tokenizers_is_refused()
    {
        var path = Path.Combine(_folder, "config.json");
        File.WriteAllText(path, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(path), "\"vocab_size\": *[0-9]+", "\"vocab_size\": 50"));
        Assert.ThrowsAny<SoraException>(() => VideoPipeline.Open(_folder));
    }

    [Fact]
    public void A_folder_that_is_none_is_refused()
    {
        Assert.Throws<InvalidModelException>(() => VideoPipeline.Open(Path.Combine(_folder, "nowhere")));
        Assert.Throws<InvalidModelException>(() => VideoPipeline.Open(Path.Combine(_folder, "config.json")));
    }
}
