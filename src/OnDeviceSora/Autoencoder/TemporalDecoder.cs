using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The decoder of the temporal autoencoder: few latent frames to four times as many (specification 7.1).</summary>
internal sealed class TemporalDecoder : IDisposable
{
    private const string Root = "temporal_vae.decoder";

    private readonly ComputeEngine _engine;
    private readonly int _factor;
    private readonly PartSequence _parts;

    private TemporalDecoder(ComputeEngine engine, int factor, PartSequence parts) => (_engine, _factor, _parts) = (engine, factor, parts);

    /// <summary>Opens the decoder of an autoencoder's checkpoint.</summary>
    public static TemporalDecoder Load(ComputeEngine engine, Checkpoint checkpoint, TemporalVaeConfig config, StreamingSettings streaming) =>
        new(engine, config.Factor, new PartSequence(engine, checkpoint, ModelBlocks.TemporalDecoder(config), Parts(config), streaming));

    /// <summary>Decodes one chunk.</summary>
    /// <param name="latents">Latents <c>[latent frames, h, w, channels]</c>.</param>
    /// <param name="frames">Frames wanted: the last so many that the latents give; surplus ones in front are dropped.</param>
    /// <param name="cancellation">Looked at between the parts.</param>
    /// <returns>Spatial latents <c>[frames, h, w, channels]</c>.</returns>
    public Tensor Run(Tensor latents, int frames, CancellationToken cancellation)
    {
        using var all = _parts.Run(latents, cancellation);
        // As many as the encoder had padded in front.
        var padding = (_factor - frames % _factor) % _factor;
        var last = _engine.Allocate(all.Shape[0] - padding, all.Shape[1], all.Shape[2], all.Shape[3]);
        last.CopyFrom(all.Slice(padding, all.Shape[0] - padding));
        return last;
    }

    public void Dispose() => _parts.Dispose();

    private static IEnumerable<(string, Func<WeightLoader, IAutoencoderPart>)> Parts(TemporalVaeConfig config)
    {
        var (last, groups) = (config.ChannelMultipliers.Length - 1, config.NumGroups);
        yield return ($"{Root}.in", loader => new ConvolutionChain(
            TemporalLayers.Conv1(loader.Within("temporal_vae"), "post_quant_conv", config.LatentChannels, config.LatentChannels),
            TemporalLayers.Conv3(loader.Within(Root), "conv1", config.LatentChannels, config.StageChannels(last))));
        for (var j = 0; j < config.NumResBlocks; j++)
            yield return TemporalLayers.Residual($"{Root}.res_blocks.{j}", config.StageChannels(last), config.StageChannels(last), groups);
        for (var stage = last; stage >= 0; stage--)
        {
            var outputs = config.StageChannels(stage);
            for (var j = 0; j < config.NumResBlocks; j++)
            {
                var inputs = j == 0 ? config.StageChannels(Math.Min(stage + 1, last)) : outputs;
                yield return TemporalLayers.Residual($"{Root}.block_res_blocks.{stage}.{j}", inputs, outputs, groups);
            }
            if (stage == 0 || !config.TemporalDownsample[stage - 1]) continue;
            var name = $"conv_blocks.{stage - 1}";
            yield return ($"{Root}.{name}", loader => new TemporalUpsampler(TemporalLayers.Conv3(loader.Within(Root), name, outputs, 2 * outputs)));
        }
        yield return ($"{Root}.out", loader => new ExitLayers(
            TemporalLayers.Norm(loader.Within(Root), "norm1", config.StageChannels(0), groups),
            new ConvolutionChain(TemporalLayers.Conv3(loader.Within(Root), "conv_out", config.StageChannels(0), config.LatentChannels))));
    }
}
