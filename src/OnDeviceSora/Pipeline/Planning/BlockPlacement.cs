using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Streaming;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>Which blocks of a model stay in memory, and what the others take: what <see cref="BlockStreamer{TWeights}"/> will do.</summary>
/// <param name="Resident">Leading blocks that stay.</param>
/// <param name="WeightBytes">Those and the model's ends.</param>
/// <param name="BufferBytes">Buffers for the others, and the window through which blocks are read.</param>
internal readonly record struct BlockPlacement(int Resident, long WeightBytes, long BufferBytes)
{
    private const long Window = WeightReader.MemoryBytes;

    /// <summary>Bytes in all.</summary>
    public long Bytes => WeightBytes + BufferBytes;

    /// <summary>The placement that takes the least memory.</summary>
    public static BlockPlacement Smallest(ModelWeights weights, StreamingMode mode) => mode == StreamingMode.Resident
        ? new BlockPlacement(weights.Blocks.Count, weights.Ends.ArenaBytes + weights.AllBlocks, Window)
        : new BlockPlacement(0, weights.Ends.ArenaBytes, Buffers(weights, mode, weights.Blocks.Count));

    /// <summary>The placement that a room is filled with (paper, section 6.2): as many leading blocks as fit beside the buffers for the rest.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="mode">How blocks come into memory.</param>
    /// <param name="passes">Passes over the blocks; what is used once need not stay.</param>
    /// <param name="room">Bytes for weights and buffers.</param>
    public static BlockPlacement For(ModelWeights weights, StreamingMode mode, int passes, long room)
    {
        var best = Smallest(weights, mode);
        if (mode != StreamingMode.ConcurrentDynamic || passes == 1) return best;
        var stays = weights.Ends.ArenaBytes;
        for (var resident = 1; resident <= weights.Blocks.Count; resident++)
        {
            stays += weights.Blocks[resident - 1].ArenaBytes;
            var placement = new BlockPlacement(resident, stays, Buffers(weights, mode, weights.Blocks.Count - resident));
            if (placement.Bytes <= room) best = placement;
        }
        return best;
    }

    private static long Buffers(ModelWeights weights, StreamingMode mode, int blocks) =>
        Window + Math.Min(mode == StreamingMode.Sequential ? 1 : 2, blocks) * weights.LargestBlock;
}
