using OnDeviceSora.Tensors;

namespace OnDeviceSora.Streaming;

/// <summary>A block that a streamer can load.</summary>
/// <typeparam name="TWeights">What the block's weights are to its model.</typeparam>
/// <param name="Name">The block's name.</param>
/// <param name="ArenaBytes">Memory that its weights take when they are loaded.</param>
/// <param name="StoredBytes">Bytes that loading it reads.</param>
/// <param name="Load">Loads the weights into an arena. Runs on the loader's thread.</param>
internal sealed record BlockSource<TWeights>(
    string Name, long ArenaBytes, long StoredBytes, Func<WeightArena, CancellationToken, TWeights> Load);
