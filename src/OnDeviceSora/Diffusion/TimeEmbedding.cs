using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>What the model makes of a timestep, before any block has added its own.</summary>
/// <param name="Embedding">Timestep and frame rate, <c>[batch, C]</c>.</param>
/// <param name="Modulation">The timestep's part of every block's modulation, <c>[batch, 6 C]</c>.</param>
internal sealed record TimeEmbedding(Tensor Embedding, Tensor Modulation) : IDisposable
{
    public void Dispose()
    {
        Embedding.Dispose();
        Modulation.Dispose();
    }
}
