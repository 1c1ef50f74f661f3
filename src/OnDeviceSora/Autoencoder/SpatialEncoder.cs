using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>
/// The encoder of the 2D autoencoder: pictures <c>[frames, height, width, 3]</c> of -1 to 1 to the posterior of their latents,
/// mean and log-variance side by side, <c>[frames, height / 8, width / 8, 2 x latent channels]</c> (specification 7.2).
/// </summary>
internal static class SpatialEncoder
{
    private const string Root = "spatial_vae.module.encoder";

    /// <summary>Opens the encoder of an autoencoder's checkpoint.</summary>
    public static PartSequence Load(ComputeEngine engine, Checkpoint checkpoint, SpatialVaeConfig config, StreamingSettings streaming) =>
        new(engine, checkpoint, ModelBlocks.SpatialEncoder(config), Parts(config), streaming);

    private static IEnumerable<(string, Func<WeightLoader, IAutoencoderPart>)> Parts(SpatialVaeConfig config)
    {
        var (channels, groups, moments) = (config.BlockOutChannels, config.NormNumGroups, 2 * config.LatentChannels);
        yield return ($"{Root}.in", loader => new ConvolutionChain(SpatialLayers.Conv3x3(loader.Within(Root), "conv_in", 3, channels[0])));
        for (var stage = 0; stage < channels.Length; stage++)
        {
            var outputs = channels[stage];
            for (var j = 0; j < config.LayersPerBlock; j++)
            {
                var inputs = stage > 0 && j == 0 ? channels[stage - 1] : outputs;
                yield return SpatialLayers.Residual($"{Root}.down_blocks.{stage}.resnets.{j}", inputs, outputs, groups);
            }
            if (stage == channels.Length - 1) break;
            var name = $"{Root}.down_blocks.{stage}.downsamplers.0";
            yield return (name, loader => new ConvolutionChain(SpatialLayers.Downsampler(loader.Within(name), "conv", outputs)));
        }
        foreach (var part in SpatialLayers.Middle(Root, channels[^1], groups)) yield return part;
        yield return ($"{Root}.out", loader => new ExitLayers(
            SpatialLayers.Norm(loader.Within(Root), "conv_norm_out", channels[^1], groups),
            new ConvolutionChain(
                SpatialLayers.Conv3x3(loader.Within(Root), "conv_out", channels[^1], moments),
                SpatialLayers.Conv1x1(loader.Within("spatial_vae.module"), "quant_conv", moments, moments))));
    }
}
