using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>What one model weighs, block by block.</summary>
/// <param name="Ends">What it keeps while it runs.</param>
/// <param name="Blocks">The blocks that are streamed, in order.</param>
/// <param name="HasBytes">Whether some of the blocks' weights are 8-bit integers.</param>
internal sealed record ModelWeights(BlockFootprint Ends, IReadOnlyList<BlockFootprint> Blocks, bool HasBytes)
{
    /// <summary>Size of the largest block in memory.</summary>
    public long LargestBlock { get; } = Blocks.Max(block => block.ArenaBytes);

    /// <summary>Size of all blocks in memory.</summary>
    public long AllBlocks { get; } = Blocks.Sum(block => block.ArenaBytes);

    /// <summary>Weighs a model by the shapes and types of its tensors.</summary>
    /// <param name="engine">The engine they are packed for.</param>
    /// <param name="tensors">All tensors of its file.</param>
    /// <param name="ends">The block that stays, or <c>null</c>.</param>
    /// <param name="blocks">The blocks that are streamed.</param>
    public static ModelWeights Of(ComputeEngine engine, IReadOnlyCollection<(string Name, TensorInfo Tensor)> tensors, ModelBlock? ends, IEnumerable<ModelBlock> blocks)
    {
        var streamed = blocks.ToList();
        var hasBytes = streamed.SelectMany(Claimed).Any(tensor => tensor.ElementType == ElementType.I8);
        return new ModelWeights(ends is null ? default : Footprint(ends), [.. streamed.Select(Footprint)], hasBytes);

        BlockFootprint Footprint(ModelBlock block) => BlockFootprint.Of(engine, Claimed(block));

        IEnumerable<TensorInfo> Claimed(ModelBlock block) => tensors.Where(tensor => block.Claims(tensor.Name)).Select(tensor => tensor.Tensor);
    }
}

/// <summary>What the models of a folder weigh.</summary>
/// <param name="TextEncoder">T5; its embedding table stays on disk.</param>
/// <param name="Transformer">STDiT3.</param>
/// <param name="TemporalDecoder">The autoencoder's model over time.</param>
/// <param name="SpatialDecoder">The autoencoder's model of single pictures.</param>
internal sealed record PipelineWeights(ModelWeights TextEncoder, ModelWeights Transformer, ModelWeights TemporalDecoder, ModelWeights SpatialDecoder)
{
    /// <summary>Weighs the models of an open folder.</summary>
    public static PipelineWeights Of(ComputeEngine engine, ModelFolder model) =>
        Of(engine, model.Config, Named(model.TextEncoder), Named(model.Transformer), Named(model.Vae));

    /// <summary>Weighs models by their lists of tensors.</summary>
    public static PipelineWeights Of(
        ComputeEngine engine, ModelConfig config, IReadOnlyCollection<(string Name, TensorInfo Tensor)> textEncoder,
        IReadOnlyCollection<(string Name, TensorInfo Tensor)> transformer, IReadOnlyCollection<(string Name, TensorInfo Tensor)> vae)
    {
        var (t5, stdit) = (ModelBlocks.T5(config.TextEncoder), ModelBlocks.STDiT3(config.Transformer));
        return new PipelineWeights(
            ModelWeights.Of(engine, textEncoder, t5[0], t5.Where(block => block.Name.StartsWith("encoder.", StringComparison.Ordinal))),
            ModelWeights.Of(engine, transformer, stdit[0], stdit.Skip(1)),
            ModelWeights.Of(engine, vae, null, ModelBlocks.TemporalDecoder(config.Vae.Temporal)),
            ModelWeights.Of(engine, vae, null, ModelBlocks.SpatialDecoder(config.Vae.Spatial)));
    }

    private static (string, TensorInfo)[] Named(Checkpoint checkpoint) => [.. checkpoint.Names.Select(name => (name, checkpoint.Find(name)))];
}
