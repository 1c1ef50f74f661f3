using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tensor_is_read_by_name_and_shape()
    {
        Shard("w.safetensors", "a", "b");
        using var checkpoint = Checkpoint.Open(_folder.File("w.safetensors"));
        Assert.Equal(["a", "b"], checkpoint.Names.Order());
        var values = new float[2];
        checkpoint.Read("b", [2], values);
        Assert.Equal([1, 2], values);
    }

    [Fact]
    public void A_missing_tensor_is_named_with_its_file()
    {
        Shard("w.safetensors", "a");
        using var checkpoint = Checkpoint.Open(_folder.File("w.safetensors"));
        Assert.False(checkpoint.Contains("nope"));
        var error = Assert.Throws<InvalidModelException>(() => checkpoint.Find("nope"));
        Assert.Contains("tensor 'nope' is missing", error.Message, StringComparison.Ordinal);
        Assert.Contains("w.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_shape_is_reported_with_both_shapes()
    {
        Shard("w.safetensors", "a");
        using var checkpoint = Checkpoint.Open(_folder.File("w.safetensors"));
        var error = Assert.Throws<InvalidModelException>(() => checkpoint.Read("a", [1, 2], new float[2]));
        Assert.Contains("'a' has the shape [2]; the model's configuration needs [1, 2]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("diffusion_pytorch_model.safetensors")]
    [InlineData("anything.safetensors")]
    public void A_folder_with_one_file_is_opened(string name)
    {
        Shard(name, "a");
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Equal(_folder.File(name), checkpoint.Path);
    }

    [Fact]
    public void A_usual_name_wins_and_otherwise_several_files_are_ambiguous()
    {
        Shard("x.safetensors", "a");
        Shard("y.safetensors", "a");
        var error = Assert.Throws<InvalidModelException>(() => Checkpoint.Open(_folder.Path));
        Assert.Contains("several checkpoints ('x.safetensors', 'y.safetensors')", error.Message, StringComparison.Ordinal);
        Shard("model.safetensors", "a");
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Equal(_folder.File("model.safetensors"), checkpoint.Path);
    }

    [Fact]
    public void A_folder_of_pytorch_files_is_refused_with_advice()
    {
        _folder.Write("pytorch_model.bin", "x");
        var error = Assert.Throws<InvalidModelException>(() => Checkpoint.Open(_folder.Path));
        Assert.Contains("'pytorch_model.bin' cannot be read", error.Message, StringComparison.Ordinal);
        Assert.Contains("convert to safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_are_one_checkpoint()
    {
        Shard("m-1.safetensors", "a", "b");
        Shard("m-2.safetensors", "c");
        Index("{\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\",\"c\":\"m-2.safetensors\"}");
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Equal(["a", "b", "c"], checkpoint.Names.Order());
        Assert.Equal(_folder.File("m-2.safetensors"), checkpoint.Find("c").File);
        var values = new float[2];
        checkpoint.Read("c", [2], values);
        Assert.Equal([0, 1], values);
    }

    [Theory]
    [InlineData("/etc/m.safetensors", "an absolute path")]
    [InlineData("C:\\\\m.safetensors", "an absolute path")]
    [InlineData("\\\\\\\\server\\\\m.safetensors", "an absolute path")]
    [InlineData("../m.safetensors", "leads out of the folder")]
    [InlineData("x/../../m.safetensors", "leads out of the folder")]
    [InlineData("..\\\\m.safetensors", "leads out of the folder")]
    [InlineData("x/m.safetensors", "name of a .safetensors file beside the index")]
    [InlineData("m.bin", "name of a .safetensors file beside the index")]
    [InlineData("", "name of a .safetensors file beside the index")]
    public void A_shard_path_that_leads_elsewhere_is_refused(string shard, string message)
    {
        Index($"{{\"a\":\"{shard}\"}}");
        Assert.Contains(message, Assert.Throws<InvalidFileException>(() => Checkpoint.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_shards_are_named()
    {
        Shard("m-1.safetensors", "a");
        Index("{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}");
        var error = Assert.Throws<InvalidModelException>(() => Checkpoint.Open(_folder.Path));
        Assert.Contains("of the 2 files the index names, missing are: 'm-2.safetensors'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_in_two_shards_is_refused()
    {
        Shard("m-1.safetensors", "a");
        Shard("m-2.safetensors", "a", "b");
        Index("{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}");
        var error = Assert.Throws<InvalidModelException>(() => Checkpoint.Open(_folder.Path));
        Assert.Contains("tensor 'a' is in two shards", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":\"m-1.safetensors\",\"nope\":\"m-1.safetensors\"}", "tensor 'nope' is in 'm-1.safetensors', but that file does not hold it")]
    [InlineData("{\"a\":\"m-2.safetensors\",\"b\":\"m-2.safetensors\",\"c\":\"m-1.safetensors\"}", "but that file does not hold it")]
    public void A_shard_without_the_tensor_is_refused(string map, string message)
    {
        Shard("m-1.safetensors", "a");
        Shard("m-2.safetensors", "b");
        Index(map);
        Assert.Contains(message, Assert.Throws<InvalidModelException>(() => Checkpoint.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "no object 'weight_map'")]
    [InlineData("{\"weight_map\":[]}", "no object 'weight_map'")]
    [InlineData("{\"weight_map\":{}}", "names no tensor")]
    [InlineData("{\"weight_map\":{\"a\":1}}", "'a' must be a string")]
    [InlineData("{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}}", "each key once")]
    [InlineData("[]", "must hold one JSON object")]
    [InlineData("{", "not valid JSON")]
    public void A_damaged_index_is_refused(string json, string message)
    {
        _folder.Write("m.safetensors.index.json", json);
        Assert.Contains(message, Assert.Throws<InvalidFileException>(() => Checkpoint.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_and_new_names_of_the_autoencoders_attention_are_the_same_tensor()
    {
        const string place = "spatial_vae.module.decoder.mid_block.attentions.0";
        Shard("w.safetensors", $"{place}.query.weight", $"{place}.key.bias", $"{place}.value.weight", $"{place}.proj_attn.weight");
        using var checkpoint = Checkpoint.Open(_folder.File("w.safetensors"), TensorAliases.Vae);
        Assert.Equal(
            [$"{place}.to_k.bias", $"{place}.to_out.0.weight", $"{place}.to_q.weight", $"{place}.to_v.weight"],
            checkpoint.Names.Order(StringComparer.Ordinal));
        Assert.Equal($"{place}.query.weight", checkpoint.Find($"{place}.to_q.weight").Name);
    }

    [Fact]
    public void The_embedding_of_t5_is_found_under_either_name()
    {
        Shard("one.safetensors", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight");
        Shard("both.safetensors", "encoder.embed_tokens.weight", "shared.weight");
        using var one = Checkpoint.Open(_folder.File("one.safetensors"), TensorAliases.T5);
        using var both = Checkpoint.Open(_folder.File("both.safetensors"), TensorAliases.T5);
        Assert.Equal("encoder.embed_tokens.weight", one.Find("shared.weight").Name);
        Assert.Equal("shared.weight", both.Find("shared.weight").Name);
        Assert.True(both.Contains("encoder.embed_tokens.weight"));
    }

    private void Shard(string name, params string[] tensors)
    {
        var writer = new SafetensorsWriter();
        for (var i = 0; i < tensors.Length; i++) writer.Add(tensors[i], [2], new float[] { i, i + 1 });
        writer.Save(_folder.File(name));
    }

    private void Index(string map) => _folder.Write("m.safetensors.index.json", $"{{\"metadata\":{{}},\"weight_map\":{map}}}");
}
