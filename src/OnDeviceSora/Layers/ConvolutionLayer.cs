using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>A convolution of channels-last videos, with its weights packed for the engine.</summary>
/// <param name="Weight">Packed weights with their geometry.</param>
/// <param name="Bias">Bias <c>[out]</c>, or <c>null</c>.</param>
internal sealed record ConvolutionLayer(PackedConvolution Weight, Tensor? Bias) : IDisposable
{
    /// <summary>Computes the layer into a new tensor.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Video <c>[frames, height, width, channels]</c>.</param>
    /// <param name="residual">Added to the result, or <c>null</c>.</param>
    public Tensor Run(ComputeEngine engine, Tensor x, Tensor? residual = null)
    {
        var output = engine.Allocate(Convolution.OutputShape(x.Shape, Weight).Extents);
        Convolution.Run(engine, x, Weight, output, new Epilogue { Bias = Bias, Residual = residual });
        return output;
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        Weight.Dispose();
        Bias?.Dispose();
    }
}
