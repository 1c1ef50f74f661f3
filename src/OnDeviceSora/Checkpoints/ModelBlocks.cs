namespace OnDeviceSora.Checkpoints;

/// <summary>
/// How each model is divided into blocks, in the order in which they are used. A device package lays its tensors out in this
/// order; the streamer loads them in it (paper, section 6; specification 13).
/// </summary>
internal static class ModelBlocks
{
    /// <summary>What a model keeps while it runs: everything outside its blocks.</summary>
    public const string Ends = "ends";

    /// <summary>The T5 encoder: its ends, the embedding (of which only the prompt's rows are read), one block a layer.</summary>
    public static IReadOnlyList<ModelBlock> T5(T5Config config) =>
    [
        new(Ends, "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.", "encoder.final_layer_norm."),
        new("embedding", "shared.", "encoder.embed_tokens."),
        .. Enumerable.Range(0, config.NumLayers).Select(i => new ModelBlock($"encoder.block.{i}", $"encoder.block.{i}.")),
    ];

    /// <summary>The STDiT3 transformer: its ends, then spatial and temporal blocks in turn.</summary>
    public static IReadOnlyList<ModelBlock> STDiT3(STDiT3Config config) =>
    [
        new(Ends, "rope.", "x_embedder.", "t_embedder.", "fps_embedder.", "t_block.", "y_embedder.", "final_layer."),
        .. Enumerable.Range(0, config.Depth).SelectMany(i => new[] { Prefixed($"spatial_blocks.{i}"), Prefixed($"temporal_blocks.{i}") }),
    ];

    /// <summary>The video autoencoder: its scaling, then its four models part by part.</summary>
    public static IReadOnlyList<ModelBlock> Vae(VaeConfig config) =>
    [
        new(Ends, "scale", "shift"),
        .. TemporalDecoder(config.Temporal),
        .. SpatialDecoder(config.Spatial),
        .. SpatialEncoder(config.Spatial),
        .. TemporalEncoder(config.Temporal),
    ];

    /// <summary>The parts of the temporal decoder: an entrance, residual blocks and upsamplers, an exit (specification 7.1).</summary>
    public static IEnumerable<ModelBlock> TemporalDecoder(TemporalVaeConfig config)
    {
        const string root = "temporal_vae.decoder";
        yield return new($"{root}.in", "temporal_vae.post_quant_conv.", $"{root}.conv1.");
        for (var j = 0; j < config.NumResBlocks; j++) yield return Prefixed($"{root}.res_blocks.{j}");
        for (var stage = config.ChannelMultipliers.Length - 1; stage >= 0; stage--)
        {
            for (var j = 0; j < config.NumResBlocks; j++) yield return Prefixed($"{root}.block_res_blocks.{stage}.{j}");
            if (stage > 0 && config.TemporalDownsample[stage - 1]) yield return Prefixed($"{root}.conv_blocks.{stage - 1}");
        }
        yield return new($"{root}.out", $"{root}.norm1.", $"{root}.conv_out.");
    }

    /// <summary>The parts of the 2D decoder: an entrance, the middle, residual blocks and upsamplers, an exit (specification 7.2).</summary>
    public static IEnumerable<ModelBlock> SpatialDecoder(SpatialVaeConfig config)
    {
        const string root = "spatial_vae.module.decoder";
        yield return new($"{root}.in", "spatial_vae.module.post_quant_conv.", $"{root}.conv_in.");
        foreach (var block in Middle(root)) yield return block;
        for (var stage = 0; stage < config.BlockOutChannels.Length; stage++)
        {
            for (var j = 0; j <= config.LayersPerBlock; j++) yield return Prefixed($"{root}.up_blocks.{stage}.resnets.{j}");
            if (stage < config.BlockOutChannels.Length - 1) yield return Prefixed($"{root}.up_blocks.{stage}.upsamplers.0");
        }
        yield return new($"{root}.out", $"{root}.conv_norm_out.", $"{root}.conv_out.");
    }

    /// <summary>The parts of the 2D encoder (specification 7.2).</summary>
    public static IEnumerable<ModelBlock> SpatialEncoder(SpatialVaeConfig config)
    {
        const string root = "spatial_vae.module.encoder";
        yield return new($"{root}.in", $"{root}.conv_in.");
        for (var stage = 0; stage < config.BlockOutChannels.Length; stage++)
        {
            for (var j = 0; j < config.LayersPerBlock; j++) yield return Prefixed($"{root}.down_blocks.{stage}.resnets.{j}");
            if (stage < config.BlockOutChannels.Length - 1) yield return Prefixed($"{root}.down_blocks.{stage}.downsamplers.0");
        }
        foreach (var block in Middle(root)) yield return block;
        yield return new($"{root}.out", $"{root}.conv_norm_out.", $"{root}.conv_out.", "spatial_vae.module.quant_conv.");
    }

    /// <summary>The parts of the temporal encoder (specification 7.1).</summary>
    public static IEnumerable<ModelBlock> TemporalEncoder(TemporalVaeConfig config)
    {
        const string root = "temporal_vae.encoder";
        var last = config.ChannelMultipliers.Length - 1;
        yield return new($"{root}.in", $"{root}.conv_in.");
        for (var stage = 0; stage <= last; stage++)
        {
            for (var j = 0; j < config.NumResBlocks; j++) yield return Prefixed($"{root}.block_res_blocks.{stage}.{j}");
            if (stage < last && config.TemporalDownsample[stage]) yield return Prefixed($"{root}.conv_blocks.{stage}");
        }
        for (var j = 0; j < config.NumResBlocks; j++) yield return Prefixed($"{root}.res_blocks.{j}");
        yield return new($"{root}.out", $"{root}.norm1.", $"{root}.conv2.", "temporal_vae.quant_conv.");
    }

    private static IEnumerable<ModelBlock> Middle(string root) =>
        [Prefixed($"{root}.mid_block.resnets.0"), Prefixed($"{root}.mid_block.attentions.0"), Prefixed($"{root}.mid_block.resnets.1")];

    /// <summary>The tensors of each block, in reading order.</summary>
    /// <param name="blocks">The model's blocks.</param>
    /// <param name="tensors">The model's tensors.</param>
    /// <exception cref="ArgumentException">A tensor belongs to no block.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<ExpectedTensor>> Partition(IReadOnlyList<ModelBlock> blocks, IEnumerable<ExpectedTensor> tensors)
    {
        var byBlock = blocks.ToDictionary(block => block.Name, _ => new List<ExpectedTensor>());
        foreach (var tensor in tensors)
        {
            var owner = blocks.FirstOrDefault(block => block.Claims(tensor.Name))
                ?? throw new ArgumentException($"tensor {tensor.Name} belongs to no block", nameof(tensors));
            byBlock[owner.Name].Add(tensor);
        }
        return byBlock.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<ExpectedTensor>)entry.Value);
    }

    private static ModelBlock Prefixed(string name) => new(name, name + ".");
}
