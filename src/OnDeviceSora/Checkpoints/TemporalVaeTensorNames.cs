namespace OnDeviceSora.Checkpoints;

/// <summary>The tensors of the autoencoder over time (specification 7.1 and 16).</summary>
internal static class TemporalVaeTensorNames
{
    private const string Root = "temporal_vae";

    /// <summary>All of them.</summary>
    public static IEnumerable<ExpectedTensor> All(TemporalVaeConfig config)
    {
        long latent = config.LatentChannels;
        return Encoder(config)
            .Concat(TensorNames.Linear($"{Root}.quant_conv.conv", 2 * latent, 2 * latent, 1, 1, 1))
            .Concat(TensorNames.Linear($"{Root}.post_quant_conv.conv", latent, latent, 1, 1, 1))
            .Concat(Decoder(config));
    }

    private static IEnumerable<ExpectedTensor> Encoder(TemporalVaeConfig config)
    {
        var name = $"{Root}.encoder";
        var stages = config.ChannelMultipliers.Length;
        IEnumerable<ExpectedTensor> tensors = [Conv($"{name}.conv_in.conv", config.Filters, config.LatentChannels, 3)];
        for (var i = 0; i < stages; i++)
        {
            var input = i == 0 ? config.Filters : config.StageChannels(i - 1);
            tensors = tensors.Concat(ResBlocks($"{name}.block_res_blocks.{i}", config.NumResBlocks, input, config.StageChannels(i)));
        }

        for (var i = 0; i < stages - 1; i++)
        {
            if (config.TemporalDownsample[i])
                tensors = tensors.Concat(ConvWithBias($"{name}.conv_blocks.{i}.conv", config.StageChannels(i), config.StageChannels(i), 3));
        }

        var last = config.StageChannels(stages - 1);
        return tensors.Concat(ResBlocks($"{name}.res_blocks", config.NumResBlocks, last, last))
            .Concat(TensorNames.Linear($"{name}.norm1", last))
            .Concat(ConvWithBias($"{name}.conv2.conv", 2L * config.LatentChannels, last, 1));
    }

    private static IEnumerable<ExpectedTensor> Decoder(TemporalVaeConfig config)
    {
        var name = $"{Root}.decoder";
        var stages = config.ChannelMultipliers.Length;
        var last = config.StageChannels(stages - 1);
        var tensors = ConvWithBias($"{name}.conv1.conv", last, config.LatentChannels, 3)
            .Concat(ResBlocks($"{name}.res_blocks", config.NumResBlocks, last, last));
        for (var i = 0; i < stages; i++)
        {
            // The decoder runs the stages backwards: what comes in is the next stage's width.
            var input = config.StageChannels(Math.Min(i + 1, stages - 1));
            tensors = tensors.Concat(ResBlocks($"{name}.block_res_blocks.{i}", config.NumResBlocks, input, config.StageChannels(i)));
        }

        for (var i = 0; i < stages - 1; i++)
        {
            // Twice the channels: they become two frames.
            if (config.TemporalDownsample[i])
                tensors = tensors.Concat(ConvWithBias($"{name}.conv_blocks.{i}.conv", 2L * config.StageChannels(i + 1), config.StageChannels(i + 1), 3));
        }

        var first = config.StageChannels(0);
        return tensors.Concat(TensorNames.Linear($"{name}.norm1", first))
            .Concat(ConvWithBias($"{name}.conv_out.conv", config.LatentChannels, first, 3));
    }

    private static IEnumerable<ExpectedTensor> ResBlocks(string name, int count, long input, long output)
    {
        for (var i = 0; i < count; i++)
        {
            foreach (var tensor in ResBlock($"{name}.{i}", i == 0 ? input : output, output)) yield return tensor;
        }
    }

    private static IEnumerable<ExpectedTensor> ResBlock(string name, long input, long output)
    {
        IEnumerable<ExpectedTensor> tensors =
        [
            .. TensorNames.Linear($"{name}.norm1", input),
            Conv($"{name}.conv1.conv", output, input, 3),
            .. TensorNames.Linear($"{name}.norm2", output),
            Conv($"{name}.conv2.conv", output, output, 3),
        ];
        return input == output ? tensors : tensors.Append(Conv($"{name}.conv3.conv", output, input, 1));
    }

    private static ExpectedTensor Conv(string name, long output, long input, long kernel) =>
        new($"{name}.weight", [output, input, kernel, kernel, kernel]);

    private static IEnumerable<ExpectedTensor> ConvWithBias(string name, long output, long input, long kernel) =>
        TensorNames.Linear(name, output, input, kernel, kernel, kernel);
}
