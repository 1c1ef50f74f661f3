using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>
/// The decoder of the 2D autoencoder: latents <c>[frames, h, w, latent channels]</c> to pictures <c>[frames, 8 h, 8 w, 3]</c>
/// of about -1 to 1; eight times as wide and high in the original (specification 7.2).
/// </summary>
internal static class SpatialDecoder
{
    private const string Root = "spatial_vae.module.decoder";

    /// <summary>Opens the decoder of an autoencoder's checkpoint.</summary>
    public static PartSequence Load(ComputeEngine engine, Checkpoint checkpoint, SpatialVaeConfig config, StreamingSettings streaming) =>
        new(engine, checkpoint, ModelBlocks.SpatialDecoder(config), Parts(config), streaming);

    private static IEnumerable<(string, Func<WeightLoader, IAutoencoderPart>)> Parts(SpatialVaeConfig config)
    {
        var (channels, groups) = (config.BlockOutChannels, config.NormNumGroups);
        yield return ($"{Root}.in", loader => new ConvolutionChain(
            SpatialLayers.Conv1x1(loader.Within("spatial_vae.module"), "post_quant_conv", config.LatentChannels, config.LatentChannels),
            SpatialLayers.Conv3x3(loader.Within(Root), "conv_in", config.LatentChannels, channels[^1])));
        foreach (var part in SpatialLayers.Middle(Root, channels[^1], groups)) yield return part;
        for (var stage = 0; stage < channels.Length; stage++)
        {
            var outputs = channels[^(stage + 1)];
            for (var j = 0; j <= config.LayersPerBlock; j++)
            {
                var inputs = stage > 0 && j == 0 ? channels[^stage] : outputs;
                yield return SpatialLayers.Residual($"{Root}.up_blocks.{stage}.resnets.{j}", inputs, outputs, groups);
            }
            if (stage == channels.Length - 1) break;
            var name = $"{Root}.up_blocks.{stage}.upsamplers.0";
            yield return (name, loader => new SpatialUpsampler(SpatialLayers.Conv3x3(loader.Within(name), "conv", outputs, outputs)));
        }
        yield return ($"{Root}.out", loader => new ExitLayers(
            SpatialLayers.Norm(loader.Within(Root), "conv_norm_out", channels[0], groups),
            new ConvolutionChain(SpatialLayers.Conv3x3(loader.Within(Root), "conv_out", channels[0], 3))));
    }
}
