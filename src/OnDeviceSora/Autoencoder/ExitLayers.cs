using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The end of a model: norm, SiLU, convolutions.</summary>
internal sealed record ExitLayers(GroupNormLayer Norm, ConvolutionChain Convolutions) : IAutoencoderPart
{
    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        Norm.RunInPlace(engine, x, silu: true);
        return Convolutions.Run(engine, x);
    }

    public void Dispose()
    {
        Norm.Dispose();
        Convolutions.Dispose();
    }
}
