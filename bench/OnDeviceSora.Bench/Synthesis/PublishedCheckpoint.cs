using System.Text.Json;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Bench.Synthesis;

/// <summary>
/// Writes a made-up model as Open-Sora v1.2 is published: three repositories, T5 in two shards with an index, tensors in
/// alphabetical order.
/// </summary>
/// <param name="source">The weights.</param>
/// <param name="precision">fp32, bf16 or fp16.</param>
/// <param name="cancellation">Looked at every few hundred thousand weights.</param>
internal sealed class PublishedCheckpoint(ModelSource source, WeightPrecision precision, CancellationToken cancellation)
{
    // The published T5 has shards of at most 10 GB, of 19.05 GB.
    private const double FirstShard = 0.525;

    /// <summary>Writes the three repositories.</summary>
    /// <param name="folder">The folder; it must not exist or be empty.</param>
    /// <returns>Bytes written.</returns>
    public long Write(string folder)
    {
        using var partial = PartialFolder.Create(folder, _ => false);
        var config = source.Config;
        var transformer = Folder(partial.Path, PublishedParts.TransformerRepository);
        Save(transformer, "config.json", ModelConfigJson.Write(config.Transformer));
        var bytes = WriteFile(transformer, "model.safetensors", source.Transformer, Stored(source.Transformer, TensorNames.STDiT3(config.Transformer)));

        var vae = Folder(partial.Path, PublishedParts.VaeRepository);
        // The published one says no more: the sizes are in the shapes.
        Save(vae, "config.json", "{\n  \"model_type\": \"VideoAutoencoderPipeline\",\n  \"micro_frame_size\": 17\n}\n"u8);
        bytes += WriteFile(vae, "model.safetensors", source.Vae, Stored(source.Vae, TensorNames.Vae(config.Vae)));

        var t5 = Folder(partial.Path, PublishedParts.TextEncoderRepository);
        Save(Folder(t5, "tokenizer"), "spiece.model", source.Tokenizer);
        Save(Folder(t5, "text_encoder"), "config.json", ModelConfigJson.Write(config.TextEncoder));
        bytes += WriteShards(Path.Combine(t5, "text_encoder"), source.TextEncoder, Stored(source.TextEncoder, TensorNames.T5(config.TextEncoder)));
        partial.Complete();
        return bytes;
    }

    private static string Folder(string parent, string name) => Directory.CreateDirectory(Path.Combine(parent, Path.GetFileName(name))).FullName;

    private static void Save(string folder, string name, ReadOnlySpan<byte> bytes) => File.WriteAllBytes(Path.Combine(folder, name), bytes);

    private static List<ExpectedTensor> Stored(ITensorSource weights, IEnumerable<ExpectedTensor> tensors) =>
        [.. tensors.Where(t => weights.Contains(t.Name)).OrderBy(t => t.Name, StringComparer.Ordinal)];

    private long WriteShards(string folder, ITensorSource weights, List<ExpectedTensor> tensors)
    {
        var total = tensors.Sum(t => Entry(t).Bytes);
        var (first, size) = (0, 0L);
        while (first < tensors.Count - 1 && size + Entry(tensors[first]).Bytes <= total * FirstShard) size += Entry(tensors[first++]).Bytes;
        (string Name, List<ExpectedTensor> Tensors)[] shards =
            [("model-00001-of-00002.safetensors", tensors[..first]), ("model-00002-of-00002.safetensors", tensors[first..])];
        var bytes = shards.Sum(shard => WriteFile(folder, shard.Name, weights, shard.Tensors));
        Save(folder, "model.safetensors.index.json", JsonSerializer.SerializeToUtf8Bytes(new
        {
            metadata = new { total_size = total },
            weight_map = shards.SelectMany(s => s.Tensors.Select(t => (t.Name, Shard: s.Name))).ToDictionary(t => t.Name, t => t.Shard),
        }));
        return bytes;
    }

    private long WriteFile(string folder, string name, ITensorSource weights, List<ExpectedTensor> tensors) =>
        SyntheticFile.Write(Path.Combine(folder, name), weights, tensors, precision.ElementType(), cancellation);

    private TensorEntry Entry(ExpectedTensor tensor) => new(tensor.Name, precision.ElementType(), tensor.Shape);
}
