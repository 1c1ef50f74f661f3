using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>How much a block weighs, from the shapes and types of its tensors alone.</summary>
/// <param name="ArenaBytes">Memory that its packed weights take at most.</param>
/// <param name="StoredBytes">Bytes in the checkpoint.</param>
internal readonly record struct BlockFootprint(long ArenaBytes, long StoredBytes)
{
    private const long Piece = 64;

    /// <summary>Called a weight, but looked up in and not multiplied with.</summary>
    private const string Table = "relative_attention_bias.weight";

    /// <summary>The footprint of some tensors.</summary>
    /// <param name="engine">The engine they are packed for.</param>
    /// <param name="tensors">The tensors.</param>
    public static BlockFootprint Of(ComputeEngine engine, IEnumerable<TensorInfo> tensors)
    {
        var (arena, stored) = (0L, 0L);
        foreach (var tensor in tensors)
        {
            arena += PackedBytes(engine, tensor);
            stored += tensor.ByteLength;
        }
        return new BlockFootprint(arena, stored);
    }

    /// <summary>A tensor of two or more dimensions is packed as a matrix, or kept plain in single precision; the larger counts.</summary>
    private static long PackedBytes(ComputeEngine engine, TensorInfo tensor)
    {
        var plain = tensor.Elements * sizeof(float) + Piece;
        if (tensor.Shape.Length < 2 || tensor.Elements == 0) return plain;
        var (columns, depth) = (checked((int)tensor.Shape[0]), checked((int)(tensor.Elements / tensor.Shape[0])));
        var packed = PackedMatrix.Bytes(engine, TypeOf(tensor.ElementType), columns, depth) + 2 * Piece;
        if (!tensor.Name.EndsWith(".weight", StringComparison.Ordinal) || tensor.Name.EndsWith(Table, StringComparison.Ordinal)) return Math.Max(packed, plain);
        // A convolution also keeps one position of zeros.
        return packed + (tensor.Shape.Length > 2 ? tensor.Shape[1] * sizeof(float) + Piece : 0);
    }

    private static DataType TypeOf(ElementType type) => type switch
    {
        ElementType.BF16 => DataType.BF16,
        ElementType.F16 => DataType.F16,
        ElementType.I8 => DataType.I8,
        _ => DataType.F32,
    };
}
