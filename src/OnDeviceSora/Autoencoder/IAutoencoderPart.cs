using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>A part of the autoencoder that is loaded, run and let go as one.</summary>
internal interface IAutoencoderPart : IDisposable
{
    /// <summary>Runs the part.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">
    /// Video <c>[frames, height, width, channels]</c>, which nobody needs afterwards: a part may change it, return it, or free it
    /// early. Only <see cref="ConvolutionChain"/>, with which every model begins, leaves it as it is.
    /// </param>
    /// <returns><paramref name="x"/> itself or a new tensor.</returns>
    Tensor Run(ComputeEngine engine, Tensor x);
}
