using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The encoder of the temporal autoencoder: spatial latents to the posterior of a quarter as many frames (specification 7.1).</summary>
internal sealed class TemporalEncoder : IDisposable
{
    private const string Root = "temporal_vae.encoder";

    private readonly ComputeEngine _engine;
    private readonly int _factor;
    private readonly PartSequence _parts;

    private TemporalEncoder(ComputeEngine engine, int factor, PartSequence parts) => (_engine, _factor, _parts) = (engine, factor, parts);

    /// <summary>Opens the encoder of an autoencoder's checkpoint.</summary>
    public static TemporalEncoder Load(ComputeEngine engine, Checkpoint checkpoint, TemporalVaeConfig config, StreamingSettings streaming) =>
        new(engine, config.Factor, new PartSequence(engine, checkpoint, ModelBlocks.TemporalEncoder(config), Parts(config), streaming));

    /// <summary>Encodes one chunk.</summary>
    /// <param name="frames">Spatial latents <c>[frames, h, w, channels]</c>; zeros are put in front up to a multiple of the factor.</param>
    /// <param name="cancellation">Looked at between the parts.</param>
    /// <returns>Mean and log-variance side by side, <c>[latent frames, h, w, 2 x channels]</c>.</returns>
    public Tensor Run(Tensor frames, CancellationToken cancellation)
    {
        var padding = (_factor - frames.Shape[0] % _factor) % _factor;
        using var padded = _engine.AllocateZeroed(frames.Shape[0] + padding, frames.Shape[1], frames.Shape[2], frames.Shape[3]);
        padded.Slice(padding, frames.Shape[0]).CopyFrom(frames);
        return _parts.Run(padded, cancellation);
    }

    public void Dispose() => _parts.Dispose();

    private static IEnumerable<(string, Func<WeightLoader, IAutoencoderPart>)> Parts(TemporalVaeConfig config)
    {
        var (last, groups, moments) = (config.ChannelMultipliers.Length - 1, config.NumGroups, 2 * config.LatentChannels);
        yield return ($"{Root}.in", loader => new ConvolutionChain(
            TemporalLayers.Conv3(loader.Within(Root), "conv_in", config.LatentChannels, config.StageChannels(0), bias: false)));
        for (var stage = 0; stage <= last; stage++)
        {
            var outputs = config.StageChannels(stage);
            for (var j = 0; j < config.NumResBlocks; j++)
            {
                var inputs = j == 0 ? config.StageChannels(Math.Max(0, stage - 1)) : outputs;
                yield return TemporalLayers.Residual($"{Root}.block_res_blocks.{stage}.{j}", inputs, outputs, groups);
            }
            if (stage == last || !config.TemporalDownsample[stage]) continue;
            var name = $"conv_blocks.{stage}";
            yield return ($"{Root}.{name}", loader => new ConvolutionChain(TemporalLayers.Conv3(loader.Within(Root), name, outputs, outputs, timeStride: 2)));
        }
        for (var j = 0; j < config.NumResBlocks; j++)
            yield return TemporalLayers.Residual($"{Root}.res_blocks.{j}", config.StageChannels(last), config.StageChannels(last), groups);
        yield return ($"{Root}.out", loader => new ExitLayers(
            TemporalLayers.Norm(loader.Within(Root), "norm1", config.StageChannels(last), groups),
            new ConvolutionChain(
                TemporalLayers.Conv1(loader.Within(Root), "conv2", config.StageChannels(last), moments),
                TemporalLayers.Conv1(loader.Within("temporal_vae"), "quant_conv", moments, moments))));
    }
}
