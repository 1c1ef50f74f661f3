namespace OnDeviceSora.Checkpoints;

/// <summary>The tensors of the autoencoder of single pictures, in diffusers naming (specification 7.2 and 16).</summary>
internal static class SpatialVaeTensorNames
{
    private const string Root = "spatial_vae.module";
    private const int Colours = 3;

    /// <summary>All of them.</summary>
    public static IEnumerable<ExpectedTensor> All(SpatialVaeConfig config)
    {
        long latent = config.LatentChannels;
        return Encoder(config)
            .Concat(Decoder(config))
            .Concat(TensorNames.Linear($"{Root}.quant_conv", 2 * latent, 2 * latent, 1, 1))
            .Concat(TensorNames.Linear($"{Root}.post_quant_conv", latent, latent, 1, 1));
    }

    private static IEnumerable<ExpectedTensor> Encoder(SpatialVaeConfig config)
    {
        var name = $"{Root}.encoder";
        var channels = config.BlockOutChannels;
        var tensors = Conv3($"{name}.conv_in", channels[0], Colours);
        for (var i = 0; i < channels.Length; i++)
        {
            var block = $"{name}.down_blocks.{i}";
            tensors = tensors.Concat(ResNets(block, config.LayersPerBlock, channels[Math.Max(0, i - 1)], channels[i]));
            if (i < channels.Length - 1)
                tensors = tensors.Concat(Conv3($"{block}.downsamplers.0.conv", channels[i], channels[i]));
        }

        return tensors.Concat(Middle(name, channels[^1]))
            .Concat(TensorNames.Linear($"{name}.conv_norm_out", channels[^1]))
            .Concat(Conv3($"{name}.conv_out", 2L * config.LatentChannels, channels[^1]));
    }

    private static IEnumerable<ExpectedTensor> Decoder(SpatialVaeConfig config)
    {
        var name = $"{Root}.decoder";
        var channels = config.BlockOutChannels.Reverse().ToArray();
        var tensors = Conv3($"{name}.conv_in", channels[0], config.LatentChannels);
        for (var i = 0; i < channels.Length; i++)
        {
            var block = $"{name}.up_blocks.{i}";
            tensors = tensors.Concat(ResNets(block, config.LayersPerBlock + 1, channels[Math.Max(0, i - 1)], channels[i]));
            if (i < channels.Length - 1)
                tensors = tensors.Concat(Conv3($"{block}.upsamplers.0.conv", channels[i], channels[i]));
        }

        return tensors.Concat(Middle(name, channels[0]))
            .Concat(TensorNames.Linear($"{name}.conv_norm_out", channels[^1]))
            .Concat(Conv3($"{name}.conv_out", Colours, channels[^1]));
    }

    private static IEnumerable<ExpectedTensor> Middle(string name, long channels)
    {
        var attention = $"{name}.mid_block.attentions.0";
        var tensors = TensorNames.Linear($"{attention}.group_norm", channels);
        foreach (var layer in (string[])["to_q", "to_k", "to_v", "to_out.0"])
            tensors = tensors.Concat(TensorNames.Linear($"{attention}.{layer}", channels, channels));
        return tensors.Concat(ResNets($"{name}.mid_block", 2, channels, channels));
    }

    private static IEnumerable<ExpectedTensor> ResNets(string block, int count, long input, long output)
    {
        for (var i = 0; i < count; i++)
        {
            foreach (var tensor in ResNet($"{block}.resnets.{i}", i == 0 ? input : output, output)) yield return tensor;
        }
    }

    private static IEnumerable<ExpectedTensor> ResNet(string name, long input, long output)
    {
        var tensors = TensorNames.Linear($"{name}.norm1", input)
            .Concat(Conv3($"{name}.conv1", output, input))
            .Concat(TensorNames.Linear($"{name}.norm2", output))
            .Concat(Conv3($"{name}.conv2", output, output));
        return input == output ? tensors : tensors.Concat(TensorNames.Linear($"{name}.conv_shortcut", output, input, 1, 1));
    }

    private static IEnumerable<ExpectedTensor> Conv3(string name, long output, long input) =>
        TensorNames.Linear(name, output, input, 3, 3);
}
