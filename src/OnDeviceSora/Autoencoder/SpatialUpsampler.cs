using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>Doubles height and width by repeating pixels, then convolves (specification 7.2).</summary>
internal sealed record SpatialUpsampler(ConvolutionLayer Convolution) : IAutoencoderPart
{
    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        using var doubled = engine.Allocate(x.Shape[0], 2 * x.Shape[1], 2 * x.Shape[2], x.Shape[3]);
        UpsampleNearest.Run(engine, x, doubled);
        x.Dispose();
        return Convolution.Run(engine, doubled);
    }

    public void Dispose() => Convolution.Dispose();
}
