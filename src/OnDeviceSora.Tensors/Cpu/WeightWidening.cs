namespace OnDeviceSora.Tensors.Cpu;

/// <summary>From stored weights to the floats that the fp32 micro-kernel reads; each precision has a file of its own.</summary>
internal static unsafe class WeightWidening
{
    /// <summary>Bytes of one stored weight.</summary>
    public static int ElementBytes(DataType type) => type switch
    {
        DataType.F32 => 4,
        DataType.BF16 or DataType.F16 => 2,
        DataType.I8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such precision of weights."),
    };

    /// <summary>Weights, neighbours in depth, that share a 32-bit word of a panel: 1, 2 or 4.</summary>
    public static int DepthPerWord(DataType type) => sizeof(float) / ElementBytes(type);

    /// <summary>Words for a depth; what the last has too many is 0.</summary>
    public static int Words(DataType type, int depth) => (int)(((long)depth + DepthPerWord(type) - 1) / DepthPerWord(type));

    /// <summary>Widens a slice of a panel.</summary>
    /// <param name="type">How the slice is stored; anything but F32, which needs no widening.</param>
    /// <param name="slice"><c>[words][tileColumns]</c> as stored.</param>
    /// <param name="scales">The columns' scales, for 8-bit integers.</param>
    /// <param name="depth">Depth of the slice.</param>
    /// <param name="tileColumns">Width of the panel, a multiple of 8.</param>
    /// <param name="target">Receives <c>[depth][tileColumns]</c>, the depth rounded up to whole words.</param>
    public static void Run(DataType type, byte* slice, float* scales, int depth, int tileColumns, float* target)
    {
        var words = Words(type, depth);
        switch (type)
        {
            case DataType.BF16: Bfloat16Widening.Run((uint*)slice, words, tileColumns, target); break;
            case DataType.F16: Float16Widening.Run((uint*)slice, words, tileColumns, target); break;
            case DataType.I8: Int8Widening.Run((int*)slice, scales, words, tileColumns, target); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "These weights are not widened.");
        }
    }
}
