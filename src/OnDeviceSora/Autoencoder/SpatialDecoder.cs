using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The decoder of the 2D autoencoder: latents to pictures, eight times as wide and high in the original (specification 7.2).</summary>
internal sealed class SpatialDecoder : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly ConvolutionLayer _postQuantConv;
    private readonly ConvolutionLayer _convIn;
    private readonly SpatialMiddle _middle;
    private readonly IReadOnlyList<(IReadOnlyList<ResidualBlock> Blocks, ConvolutionLayer? Upsampler)> _stages;
    private readonly GroupNormLayer _normOut;
    private readonly ConvolutionLayer _convOut;

    /// <summary>Reads the decoder; <paramref name="loader"/> stands at <c>spatial_vae.module.</c>.</summary>
    public SpatialDecoder(WeightLoader loader, SpatialVaeConfig config)
    {
        _engine = loader.Engine;
        _postQuantConv = SpatialLayers.Conv1x1(loader, "post_quant_conv", config.LatentChannels, config.LatentChannels);
        var (decoder, groups, channels) = (loader.Within("decoder"), config.NormNumGroups, config.BlockOutChannels);
        _convIn = SpatialLayers.Conv3x3(decoder, "conv_in", config.LatentChannels, channels[^1]);
        _middle = SpatialMiddle.Load(decoder.Within("mid_block"), channels[^1], groups);
        _stages = [.. Enumerable.Range(0, channels.Length).Select(i => LoadStage(decoder.Within($"up_blocks.{i}"), config, i))];
        _normOut = SpatialLayers.Norm(decoder, "conv_norm_out", channels[0], groups);
        _convOut = SpatialLayers.Conv3x3(decoder, "conv_out", channels[0], 3);
    }

    /// <summary>Decodes pictures.</summary>
    /// <param name="latents">Latents <c>[frames, h, w, latent channels]</c>.</param>
    /// <param name="cancellation">Looked at between the parts.</param>
    /// <returns>Pictures <c>[frames, 8 h, 8 w, 3]</c>, about -1 to 1.</returns>
    public Tensor Run(Tensor latents, CancellationToken cancellation)
    {
        using var x = new RunningTensor(_postQuantConv.Run(_engine, latents));
        x.Pass(start => _convIn.Run(_engine, start));
        x.Pass(start => _middle.Run(_engine, start));
        foreach (var (blocks, upsampler) in _stages)
        {
            foreach (var block in blocks)
            {
                cancellation.ThrowIfCancellationRequested();
                x.Pass(input => block.Run(_engine, input));
            }
            if (upsampler is null) continue;
            x.Pass(Double);
            x.Pass(input => upsampler.Run(_engine, input));
        }
        _normOut.RunInPlace(_engine, x.Value, silu: true);
        return _convOut.Run(_engine, x.Value);
    }

    public void Dispose()
    {
        _postQuantConv.Dispose();
        _convIn.Dispose();
        _middle.Dispose();
        foreach (var (blocks, upsampler) in _stages)
        {
            foreach (var block in blocks) block.Dispose();
            upsampler?.Dispose();
        }
        _normOut.Dispose();
        _convOut.Dispose();
    }

    private static (IReadOnlyList<ResidualBlock>, ConvolutionLayer?) LoadStage(WeightLoader loader, SpatialVaeConfig config, int stage)
    {
        var channels = config.BlockOutChannels;
        var outputs = channels[^(stage + 1)];
        var inputs = stage == 0 ? outputs : channels[^stage];
        var blocks = Enumerable.Range(0, config.LayersPerBlock + 1)
            .Select(j => ResidualBlock.LoadSpatial(loader.Within($"resnets.{j}"), j == 0 ? inputs : outputs, outputs, config.NormNumGroups));
        return ([.. blocks], stage == channels.Length - 1 ? null : SpatialLayers.Conv3x3(loader, "upsamplers.0.conv", outputs, outputs));
    }

    private Tensor Double(Tensor x)
    {
        var doubled = _engine.Allocate(x.Shape[0], 2 * x.Shape[1], 2 * x.Shape[2], x.Shape[3]);
        UpsampleNearest.Run(_engine, x, doubled);
        return doubled;
    }
}
