using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The encoder of the temporal autoencoder: spatial latents to the posterior of a quarter as many frames (specification 7.1).</summary>
internal sealed class TemporalEncoder : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly int _factor;
    private readonly ConvolutionLayer _convIn;
    private readonly IReadOnlyList<(IReadOnlyList<ResidualBlock> Blocks, ConvolutionLayer? Downsampler)> _stages;
    private readonly IReadOnlyList<ResidualBlock> _middle;
    private readonly GroupNormLayer _normOut;
    private readonly ConvolutionLayer _convOut;
    private readonly ConvolutionLayer _quantConv;

    /// <summary>Reads the encoder; <paramref name="loader"/> stands at <c>temporal_vae.</c>.</summary>
    public TemporalEncoder(WeightLoader loader, TemporalVaeConfig config)
    {
        _engine = loader.Engine;
        _factor = config.Factor;
        var (encoder, last, moments) = (loader.Within("encoder"), config.ChannelMultipliers.Length - 1, 2 * config.LatentChannels);
        _convIn = TemporalLayers.Conv3(encoder, "conv_in", config.LatentChannels, config.StageChannels(0), bias: false);
        _stages = [.. Enumerable.Range(0, last + 1).Select(i => LoadStage(encoder, config, i))];
        _middle = [.. Enumerable.Range(0, config.NumResBlocks).Select(j =>
            ResidualBlock.LoadTemporal(encoder.Within($"res_blocks.{j}"), config.StageChannels(last), config.StageChannels(last), config.NumGroups))];
        _normOut = TemporalLayers.Norm(encoder, "norm1", config.StageChannels(last), config.NumGroups);
        _convOut = TemporalLayers.Conv1(encoder, "conv2", config.StageChannels(last), moments);
        _quantConv = TemporalLayers.Conv1(loader, "quant_conv", moments, moments);
    }

    /// <summary>Encodes one chunk.</summary>
    /// <param name="frames">Spatial latents <c>[frames, h, w, channels]</c>; zeros are put in front up to a multiple of the factor.</param>
    /// <param name="cancellation">Looked at between the blocks.</param>
    /// <returns>Mean and log-variance side by side, <c>[latent frames, h, w, 2 x channels]</c>.</returns>
    public Tensor Run(Tensor frames, CancellationToken cancellation)
    {
        using var x = new RunningTensor(PadInFront(frames));
        x.Pass(start => _convIn.Run(_engine, start));
        foreach (var (blocks, downsampler) in _stages)
        {
            foreach (var block in blocks) RunBlock(x, block, cancellation);
            if (downsampler is not null) x.Pass(input => downsampler.Run(_engine, input));
        }
        foreach (var block in _middle) RunBlock(x, block, cancellation);
        _normOut.RunInPlace(_engine, x.Value, silu: true);
        x.Pass(end => _convOut.Run(_engine, end));
        return _quantConv.Run(_engine, x.Value);
    }

    public void Dispose()
    {
        _convIn.Dispose();
        foreach (var (blocks, downsampler) in _stages)
        {
            foreach (var block in blocks) block.Dispose();
            downsampler?.Dispose();
        }
        foreach (var block in _middle) block.Dispose();
        _normOut.Dispose();
        _convOut.Dispose();
        _quantConv.Dispose();
    }

    private static (IReadOnlyList<ResidualBlock>, ConvolutionLayer?) LoadStage(WeightLoader encoder, TemporalVaeConfig config, int stage)
    {
        var (inputs, outputs) = (config.StageChannels(Math.Max(0, stage - 1)), config.StageChannels(stage));
        var blocks = Enumerable.Range(0, config.NumResBlocks)
            .Select(j => ResidualBlock.LoadTemporal(encoder.Within($"block_res_blocks.{stage}.{j}"), j == 0 ? inputs : outputs, outputs, config.NumGroups));
        var downsamples = stage < config.TemporalDownsample.Length && config.TemporalDownsample[stage];
        return ([.. blocks], downsamples ? TemporalLayers.Conv3(encoder, $"conv_blocks.{stage}", outputs, outputs, timeStride: 2) : null);
    }

    private Tensor PadInFront(Tensor frames)
    {
        var padding = (_factor - frames.Shape[0] % _factor) % _factor;
        var padded = _engine.AllocateZeroed(frames.Shape[0] + padding, frames.Shape[1], frames.Shape[2], frames.Shape[3]);
        padded.Slice(padding, frames.Shape[0]).CopyFrom(frames);
        return padded;
    }

    private void RunBlock(RunningTensor x, ResidualBlock block, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        x.Pass(input => block.Run(_engine, input));
    }
}
