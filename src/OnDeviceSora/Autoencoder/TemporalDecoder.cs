using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The decoder of the temporal autoencoder: few latent frames to four times as many (specification 7.1).</summary>
internal sealed class TemporalDecoder : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly int _factor;
    private readonly ConvolutionLayer _postQuantConv;
    private readonly ConvolutionLayer _convIn;
    private readonly IReadOnlyList<ResidualBlock> _middle;
    private readonly IReadOnlyList<(IReadOnlyList<ResidualBlock> Blocks, ConvolutionLayer? Upsampler)> _stages;
    private readonly GroupNormLayer _normOut;
    private readonly ConvolutionLayer _convOut;

    /// <summary>Reads the decoder; <paramref name="loader"/> stands at <c>temporal_vae.</c>.</summary>
    public TemporalDecoder(WeightLoader loader, TemporalVaeConfig config)
    {
        _engine = loader.Engine;
        _factor = config.Factor;
        var (decoder, last) = (loader.Within("decoder"), config.ChannelMultipliers.Length - 1);
        _postQuantConv = TemporalLayers.Conv1(loader, "post_quant_conv", config.LatentChannels, config.LatentChannels);
        _convIn = TemporalLayers.Conv3(decoder, "conv1", config.LatentChannels, config.StageChannels(last));
        _middle = [.. Enumerable.Range(0, config.NumResBlocks).Select(j =>
            ResidualBlock.LoadTemporal(decoder.Within($"res_blocks.{j}"), config.StageChannels(last), config.StageChannels(last), config.NumGroups))];
        _stages = [.. Enumerable.Range(0, last + 1).Reverse().Select(i => LoadStage(decoder, config, i))];
        _normOut = TemporalLayers.Norm(decoder, "norm1", config.StageChannels(0), config.NumGroups);
        _convOut = TemporalLayers.Conv3(decoder, "conv_out", config.StageChannels(0), config.LatentChannels);
    }

    /// <summary>Decodes one chunk.</summary>
    /// <param name="latents">Latents <c>[latent frames, h, w, channels]</c>.</param>
    /// <param name="frames">Frames wanted: the last so many that the latents give; surplus ones in front are dropped.</param>
    /// <param name="cancellation">Looked at between the blocks.</param>
    /// <returns>Spatial latents <c>[frames, h, w, channels]</c>.</returns>
    public Tensor Run(Tensor latents, int frames, CancellationToken cancellation)
    {
        using var x = new RunningTensor(_postQuantConv.Run(_engine, latents));
        x.Pass(start => _convIn.Run(_engine, start));
        foreach (var block in _middle) RunBlock(x, block, cancellation);
        foreach (var (blocks, upsampler) in _stages)
        {
            foreach (var block in blocks) RunBlock(x, block, cancellation);
            if (upsampler is null) continue;
            x.Pass(input => upsampler.Run(_engine, input));
            x.Pass(HalvesToFrames);
        }
        _normOut.RunInPlace(_engine, x.Value, silu: true);
        x.Pass(end => _convOut.Run(_engine, end));
        return LastFrames(x.Value, frames);
    }

    public void Dispose()
    {
        _postQuantConv.Dispose();
        _convIn.Dispose();
        foreach (var block in _middle) block.Dispose();
        foreach (var (blocks, upsampler) in _stages)
        {
            foreach (var block in blocks) block.Dispose();
            upsampler?.Dispose();
        }
        _normOut.Dispose();
        _convOut.Dispose();
    }

    private static (IReadOnlyList<ResidualBlock>, ConvolutionLayer?) LoadStage(WeightLoader decoder, TemporalVaeConfig config, int stage)
    {
        var outputs = config.StageChannels(stage);
        var inputs = config.StageChannels(Math.Min(stage + 1, config.ChannelMultipliers.Length - 1));
        var blocks = Enumerable.Range(0, config.NumResBlocks)
            .Select(j => ResidualBlock.LoadTemporal(decoder.Within($"block_res_blocks.{stage}.{j}"), j == 0 ? inputs : outputs, outputs, config.NumGroups));
        var upsamples = stage > 0 && config.TemporalDownsample[stage - 1];
        return ([.. blocks], upsamples ? TemporalLayers.Conv3(decoder, $"conv_blocks.{stage - 1}", outputs, 2 * outputs) : null);
    }

    private void RunBlock(RunningTensor x, ResidualBlock block, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        x.Pass(input => block.Run(_engine, input));
    }

    /// <summary>Twice the channels, which a convolution made, become twice the frames.</summary>
    private Tensor HalvesToFrames(Tensor wide)
    {
        var output = _engine.Allocate(2 * wide.Shape[0], wide.Shape[1], wide.Shape[2], wide.Shape[3] / 2);
        ChannelsToFrames.Run(_engine, wide, output);
        return output;
    }

    /// <summary>Drops as many frames in front as the encoder had padded there.</summary>
    private Tensor LastFrames(Tensor all, int frames)
    {
        var padding = (_factor - frames % _factor) % _factor;
        var result = _engine.Allocate(all.Shape[0] - padding, all.Shape[1], all.Shape[2], all.Shape[3]);
        result.CopyFrom(all.Slice(padding, all.Shape[0] - padding));
        return result;
    }
}
