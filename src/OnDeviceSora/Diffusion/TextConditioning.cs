using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>
/// The caption as the blocks see it. It does not depend on the timestep, so that the keys and values of each block's cross
/// attention are computed once for a video, when the block is first there, or, where memory is short, at every visit.
/// </summary>
/// <param name="engine">Where to compute.</param>
/// <param name="embeddings">Caption rows <c>[batch, maximum length, C]</c>, those that count in front; disposed with this object.</param>
/// <param name="lengths">Rows that count, by batch item.</param>
/// <param name="keepsKeysAndValues">Whether the keys and values of all blocks stay in memory. The same bits either way.</param>
internal sealed class TextConditioning(ComputeEngine engine, Tensor embeddings, int[] lengths, bool keepsKeysAndValues = true) : IDisposable
{
    private readonly Dictionary<BlockName, Tensor> _keysAndValues = [];

    /// <summary>Caption rows <c>[batch, maximum length, C]</c>.</summary>
    public Tensor Embeddings => embeddings;

    /// <summary>Rows that count, by batch item.</summary>
    public IReadOnlyList<int> Lengths => lengths;

    /// <summary>Rows there are for every batch item.</summary>
    public int MaximumLength => embeddings.Shape[1];

    /// <summary>Keys and values <c>[batch, maximum length, 2 C]</c> of one block, to be disposed when the block is done.</summary>
    public Tensor KeysAndValues(BlockName block, Linear layer)
    {
        if (!keepsKeysAndValues) return layer.Run(engine, embeddings);
        if (!_keysAndValues.TryGetValue(block, out var kept)) _keysAndValues[block] = kept = layer.Run(engine, embeddings);
        return kept.Slice(0, kept.Shape[0]);
    }

    public void Dispose()
    {
        embeddings.Dispose();
        foreach (var tensor in _keysAndValues.Values) tensor.Dispose();
        _keysAndValues.Clear();
    }
}
