using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Streaming;

/// <summary>Streams the blocks of a model out of its checkpoint.</summary>
internal static class ModelStreamer
{
    /// <summary>Prepares to stream.</summary>
    /// <typeparam name="TWeights">What a block's weights are to the model.</typeparam>
    /// <param name="engine">The engine that will compute with the weights.</param>
    /// <param name="checkpoint">Where they are; stays open as long as the streamer.</param>
    /// <param name="model">The model's name in timelines.</param>
    /// <param name="blocks">The blocks to stream, in the order in which the model uses them.</param>
    /// <param name="load">Loads the block of a given place.</param>
    /// <param name="settings">How they come into memory.</param>
    public static BlockStreamer<TWeights> Create<TWeights>(
        ComputeEngine engine, Checkpoint checkpoint, string model, IReadOnlyList<ModelBlock> blocks, Func<WeightLoader, int, TWeights> load, StreamingSettings settings)
        where TWeights : class, IDisposable
    {
        var reader = new WeightReader(engine, checkpoint, settings.StorageBytesPerSecond);
        try
        {
            return new BlockStreamer<TWeights>(engine, model, [.. blocks.Select(Source)], settings, reader);
        }
        catch
        {
            reader.Dispose();
            throw;
        }

        BlockSource<TWeights> Source(ModelBlock block, int index)
        {
            var tensors = TensorsOf(checkpoint, block);
            var footprint = BlockFootprint.Of(engine, tensors);
            return new BlockSource<TWeights>(block.Name, footprint.ArenaBytes, footprint.StoredBytes, (arena, cancellation) =>
            {
                reader.Begin(block.Name, tensors, cancellation);
                return load(new WeightLoader(engine, reader, arena), index);
            });
        }
    }

    /// <summary>Loads what a model keeps outside its blocks, and prepares to stream those.</summary>
    /// <typeparam name="TModel">The model.</typeparam>
    /// <typeparam name="TWeights">What a block's weights are to it.</typeparam>
    /// <param name="engine">The engine that will compute with the weights.</param>
    /// <param name="checkpoint">Where they are; stays open as long as the model.</param>
    /// <param name="ends">What is outside the blocks.</param>
    /// <param name="createStreamer">Prepares to stream.</param>
    /// <param name="createModel">Makes the model, which then owns the arena that its ends lie in, and the streamer.</param>
    public static TModel Open<TModel, TWeights>(
        ComputeEngine engine, Checkpoint checkpoint, ModelBlock ends, Func<BlockStreamer<TWeights>> createStreamer,
        Func<WeightLoader, WeightArena, BlockStreamer<TWeights>, TModel> createModel)
        where TWeights : class, IDisposable
    {
        var tensors = TensorsOf(checkpoint, ends);
        var streamer = createStreamer();
        WeightArena? arena = null;
        try
        {
            arena = new WeightArena(engine, BlockFootprint.Of(engine, tensors).ArenaBytes);
            using var reader = new WeightReader(engine, checkpoint);
            reader.Begin(ends.Name, tensors, CancellationToken.None);
            return createModel(new WeightLoader(engine, reader, arena), arena, streamer);
        }
        catch
        {
            arena?.Dispose();
            streamer.Dispose();
            throw;
        }
    }

    private static TensorInfo[] TensorsOf(Checkpoint checkpoint, ModelBlock block) =>
        [.. checkpoint.Names.Where(block.Claims).Select(checkpoint.Find)];
}
