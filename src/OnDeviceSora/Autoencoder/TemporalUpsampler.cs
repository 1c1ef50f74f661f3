using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>A convolution to twice the channels, which then become twice the frames (specification 7.1).</summary>
internal sealed record TemporalUpsampler(ConvolutionLayer Convolution) : IAutoencoderPart
{
    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        using var wide = Convolution.Run(engine, x);
        x.Dispose();
        var output = engine.Allocate(2 * x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        ChannelsToFrames.Run(engine, wide, output);
        return output;
    }

    public void Dispose() => Convolution.Dispose();
}
