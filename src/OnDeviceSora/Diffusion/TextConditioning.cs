using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>
/// The caption as the blocks see it. It does not depend on the timestep, so that the keys and values of each block's cross
/// attention are computed once for a video.
/// </summary>
/// <param name="engine">Where to compute.</param>
/// <param name="embeddings">Caption rows <c>[batch, maximum length, C]</c>, those that count in front; disposed with this object.</param>
/// <param name="lengths">Rows that count, by batch item.</param>
internal sealed class TextConditioning(ComputeEngine engine, Tensor embeddings, int[] lengths) : IDisposable
{
    private readonly Dictionary<BlockName, Tensor> _keysAndValues = [];

    /// <summary>Caption rows <c>[batch, maximum length, C]</c>.</summary>
    public Tensor Embeddings => embeddings;

    /// <summary>Rows that count, by batch item.</summary>
    public IReadOnlyList<int> Lengths => lengths;

    /// <summary>Rows there are for every batch item.</summary>
    public int MaximumLength => embeddings.Shape[1];

    /// <summary>Keys and values <c>[batch, maximum length, 2 C]</c> of one block.</summary>
    public Tensor KeysAndValues(BlockName block, Linear layer)
    {
        if (!_keysAndValues.TryGetValue(block, out var result)) _keysAndValues[block] = result = layer.Run(engine, embeddings);
        return result;
    }

    public void Dispose()
    {
        embeddings.Dispose();
        foreach (var tensor in _keysAndValues.Values) tensor.Dispose();
        _keysAndValues.Clear();
    }
}
