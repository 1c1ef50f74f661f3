using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The encoder of the 2D autoencoder: pictures to the posterior of their latents (specification 7.2).</summary>
internal sealed class SpatialEncoder : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly ConvolutionLayer _convIn;
    private readonly IReadOnlyList<(IReadOnlyList<ResidualBlock> Blocks, ConvolutionLayer? Downsampler)> _stages;
    private readonly SpatialMiddle _middle;
    private readonly GroupNormLayer _normOut;
    private readonly ConvolutionLayer _convOut;
    private readonly ConvolutionLayer _quantConv;

    /// <summary>Reads the encoder; <paramref name="loader"/> stands at <c>spatial_vae.module.</c>.</summary>
    public SpatialEncoder(WeightLoader loader, SpatialVaeConfig config)
    {
        _engine = loader.Engine;
        var (encoder, groups, channels, moments) = (loader.Within("encoder"), config.NormNumGroups, config.BlockOutChannels, 2 * config.LatentChannels);
        _convIn = SpatialLayers.Conv3x3(encoder, "conv_in", 3, channels[0]);
        _stages = [.. Enumerable.Range(0, channels.Length).Select(i => LoadStage(encoder.Within($"down_blocks.{i}"), config, i))];
        _middle = SpatialMiddle.Load(encoder.Within("mid_block"), channels[^1], groups);
        _normOut = SpatialLayers.Norm(encoder, "conv_norm_out", channels[^1], groups);
        _convOut = SpatialLayers.Conv3x3(encoder, "conv_out", channels[^1], moments);
        _quantConv = SpatialLayers.Conv1x1(loader, "quant_conv", moments, moments);
    }

    /// <summary>Encodes pictures.</summary>
    /// <param name="pictures">Pictures <c>[frames, height, width, 3]</c>, -1 to 1.</param>
    /// <param name="cancellation">Looked at between the parts.</param>
    /// <returns>Mean and log-variance side by side, <c>[frames, height / 8, width / 8, 2 x latent channels]</c>.</returns>
    public Tensor Run(Tensor pictures, CancellationToken cancellation)
    {
        using var x = new RunningTensor(_convIn.Run(_engine, pictures));
        foreach (var (blocks, downsampler) in _stages)
        {
            foreach (var block in blocks)
            {
                cancellation.ThrowIfCancellationRequested();
                x.Pass(input => block.Run(_engine, input));
            }
            if (downsampler is not null) x.Pass(input => downsampler.Run(_engine, input));
        }
        x.Pass(end => _middle.Run(_engine, end));
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
        _middle.Dispose();
        _normOut.Dispose();
        _convOut.Dispose();
        _quantConv.Dispose();
    }

    private static (IReadOnlyList<ResidualBlock>, ConvolutionLayer?) LoadStage(WeightLoader loader, SpatialVaeConfig config, int stage)
    {
        var channels = config.BlockOutChannels;
        var (inputs, outputs) = (channels[Math.Max(0, stage - 1)], channels[stage]);
        var blocks = Enumerable.Range(0, config.LayersPerBlock)
            .Select(j => ResidualBlock.LoadSpatial(loader.Within($"resnets.{j}"), j == 0 ? inputs : outputs, outputs, config.NormNumGroups));
        return ([.. blocks], stage == channels.Length - 1 ? null : SpatialLayers.Downsampler(loader, "downsamplers.0.conv", outputs));
    }
}
