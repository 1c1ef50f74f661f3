namespace OnDeviceSora.Streaming;

/// <summary>A block that is in memory. Valid until the next one is asked for.</summary>
/// <param name="Index">Its place in the model, from 0.</param>
/// <param name="Weights">Its weights.</param>
internal readonly record struct StreamedBlock<TWeights>(int Index, TWeights Weights);
