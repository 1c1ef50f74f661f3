using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>A part of the autoencoder that is loaded, run and let go as one.</summary>
internal interface IAutoencoderPart : IDisposable
{
    /// <summary>Runs the part.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Video <c>[frames, height, width, channels]</c>; the caller keeps it.</param>
    /// <returns>A new tensor.</returns>
    Tensor Run(ComputeEngine engine, Tensor x);
}
