using OnDeviceSora.Tensors;

namespace OnDeviceSora.Streaming;

/// <summary>A block that is in memory or on its way there.</summary>
/// <param name="Arena">Where its weights lie.</param>
/// <param name="Stays">Whether it stays for later passes.</param>
/// <param name="Weights">The weights, once they are loaded.</param>
internal sealed record LoadedBlock<TWeights>(WeightArena Arena, bool Stays, Task<TWeights> Weights);
