namespace OnDeviceSora.Checkpoints;

/// <summary>A tensor that a model needs.</summary>
/// <param name="Name">Its name in published checkpoints.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="IsOptional">Whether the model does without it.</param>
internal sealed record ExpectedTensor(string Name, long[] Shape, bool IsOptional = false);

/// <summary>The names and shapes of every tensor of a model of given sizes, as published checkpoints have them (specification 16).</summary>
internal static class TensorNames
{
    private const int SinusoidSize = 256;

    /// <summary>The tensors of a T5 encoder.</summary>
    public static IEnumerable<ExpectedTensor> T5(T5Config config)
    {
        long width = config.DModel, inner = (long)config.NumHeads * config.DKv, feedForward = config.DFf;
        yield return new("shared.weight", [config.VocabSize, width]);
        yield return new("encoder.embed_tokens.weight", [config.VocabSize, width], IsOptional: true);
        for (var i = 0; i < config.NumLayers; i++)
        {
            var attention = $"encoder.block.{i}.layer.0";
            foreach (var part in (string[])["q", "k", "v"])
                yield return new($"{attention}.SelfAttention.{part}.weight", [inner, width]);
            yield return new($"{attention}.SelfAttention.o.weight", [width, inner]);
            if (i == 0)
            {
                yield return new($"{attention}.SelfAttention.relative_attention_bias.weight",
                    [config.RelativeAttentionNumBuckets, config.NumHeads]);
            }

            yield return new($"{attention}.layer_norm.weight", [width]);
            var dense = $"encoder.block.{i}.layer.1";
            yield return new($"{dense}.DenseReluDense.wi_0.weight", [feedForward, width]);
            yield return new($"{dense}.DenseReluDense.wi_1.weight", [feedForward, width]);
            yield return new($"{dense}.DenseReluDense.wo.weight", [width, feedForward]);
            yield return new($"{dense}.layer_norm.weight", [width]);
        }

        yield return new("encoder.final_layer_norm.weight", [width]);
    }

    /// <summary>Whether a T5 file may hold this tensor although the encoder has no use for it: the decoder of a full model.</summary>
    public static bool IsUnusedT5(string name) =>
        name.StartsWith("decoder.", StringComparison.Ordinal) || name.StartsWith("lm_head.", StringComparison.Ordinal);

    /// <summary>The tensors of an STDiT3 transformer.</summary>
    public static IEnumerable<ExpectedTensor> STDiT3(STDiT3Config config)
    {
        long width = config.HiddenSize, caption = config.CaptionChannels;
        var (_, rows, columns) = config.PatchSize;
        // The rotary frequencies are a formula; newer files leave them out.
        yield return new("rope.freqs", [config.HeadSize / 2], IsOptional: true);
        yield return new("x_embedder.proj.weight", [width, config.InChannels, 1, rows, columns]);
        yield return new("x_embedder.proj.bias", [width]);
        var ends = new[]
        {
            Linear("t_embedder.mlp.0", width, SinusoidSize), Linear("t_embedder.mlp.2", width, width),
            Linear("fps_embedder.mlp.0", width, SinusoidSize), Linear("fps_embedder.mlp.2", width, width),
            Linear("t_block.1", 6 * width, width),
            [new("y_embedder.y_embedding", [config.ModelMaxLength, caption])],
            Linear("y_embedder.y_proj.fc1", width, caption), Linear("y_embedder.y_proj.fc2", width, width),
        };
        foreach (var tensor in ends.SelectMany(e => e)) yield return tensor;

        foreach (var kind in (string[])["spatial_blocks", "temporal_blocks"])
        {
            for (var i = 0; i < config.Depth; i++)
            {
                foreach (var tensor in STDiT3Block($"{kind}.{i}", config)) yield return tensor;
            }
        }

        yield return new("final_layer.scale_shift_table", [2, width]);
        foreach (var tensor in Linear("final_layer.linear", (long)rows * columns * config.OutChannels, width)) yield return tensor;
    }

    /// <summary>The tensors of a video autoencoder.</summary>
    public static IEnumerable<ExpectedTensor> Vae(VaeConfig config)
    {
        yield return new("scale", [1, config.LatentChannels, 1, 1, 1], IsOptional: config.Scale is not null);
        yield return new("shift", [1, config.LatentChannels, 1, 1, 1], IsOptional: config.Shift is not null);
        foreach (var tensor in SpatialVaeTensorNames.All(config.Spatial)) yield return tensor;
        foreach (var tensor in TemporalVaeTensorNames.All(config.Temporal)) yield return tensor;
    }

    /// <summary>A linear layer or a norm with a bias: a weight of the given shape and a bias of its first dimension.</summary>
    internal static IEnumerable<ExpectedTensor> Linear(string name, params long[] shape) =>
        [new($"{name}.weight", shape), new($"{name}.bias", [shape[0]])];

    private static IEnumerable<ExpectedTensor> STDiT3Block(string name, STDiT3Config config)
    {
        long width = config.HiddenSize;
        yield return new($"{name}.scale_shift_table", [6, width]);
        foreach (var tensor in Linear($"{name}.attn.qkv", 3 * width, width)) yield return tensor;
        if (config.QkNorm)
        {
            yield return new($"{name}.attn.q_norm.weight", [config.HeadSize]);
            yield return new($"{name}.attn.k_norm.weight", [config.HeadSize]);
        }

        var layers = new[]
        {
            Linear($"{name}.attn.proj", width, width),
            Linear($"{name}.cross_attn.q_linear", width, width),
            Linear($"{name}.cross_attn.kv_linear", 2 * width, width),
            Linear($"{name}.cross_attn.proj", width, width),
            Linear($"{name}.mlp.fc1", config.MlpHiddenSize, width),
            Linear($"{name}.mlp.fc2", width, config.MlpHiddenSize),
        };
        foreach (var tensor in layers.SelectMany(l => l)) yield return tensor;
    }
}
