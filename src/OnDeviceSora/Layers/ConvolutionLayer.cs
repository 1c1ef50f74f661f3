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
    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        var output = engine.Allocate(Convolution.OutputShape(x.Shape, Weight).Extents);
        Convolution.Run(engine, x, Weight, output, new Epilogue { Bias = Bias });
        return output;
    }

    /// <summary>Adds the layer's result to <paramref name="sum"/>.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Video <c>[frames, height, width, channels]</c>; must not overlap the sum.</param>
    /// <param name="sum">Of the result's shape, changed in place.</param>
    public void AddTo(ComputeEngine engine, Tensor x, Tensor sum) =>
        Convolution.Run(engine, x, Weight, sum, new Epilogue { Bias = Bias, Residual = sum });

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        Weight.Dispose();
        Bias?.Dispose();
    }
}
