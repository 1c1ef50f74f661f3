using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>Convolutions one after another: the entrance of a model, or its change to fewer pictures or pixels.</summary>
internal sealed record ConvolutionChain(params ConvolutionLayer[] Layers) : IAutoencoderPart
{
    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        var first = Layers[0].Run(engine, x);
        if (Layers.Length == 1) return first;
        using var running = new RunningTensor(first);
        foreach (var layer in Layers[1..^1]) running.Pass(input => layer.Run(engine, input));
        return Layers[^1].Run(engine, running.Value);
    }

    public void Dispose()
    {
        foreach (var layer in Layers) layer.Dispose();
    }
}
