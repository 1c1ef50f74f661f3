namespace OnDeviceSora.Tensors.Cpu;

/// <summary>From stored weights to the floats that the micro-kernel reads; each precision has a file of its own.</summary>
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

    /// <summary>Widens a slice of a panel.</summary>
    /// <param name="type">How the slice is stored; anything but F32, which needs no widening.</param>
    /// <param name="slice"><c>[depth][tileColumns]</c> as stored.</param>
    /// <param name="scales">The columns' scales, for 8-bit integers.</param>
    /// <param name="depth">Depth of the slice.</param>
    /// <param name="tileColumns">Width of the panel, a multiple of 8.</param>
    /// <param name="target">Receives the floats, in the same order.</param>
    public static void Run(DataType type, byte* slice, float* scales, int depth, int tileColumns, float* target)
    {
        switch (type)
        {
            case DataType.BF16: Bfloat16Widening.Run((ushort*)slice, (nint)depth * tileColumns, target); break;
            case DataType.F16: Float16Widening.Run((ushort*)slice, (nint)depth * tileColumns, target); break;
            case DataType.I8: Int8Widening.Run((sbyte*)slice, scales, depth, tileColumns, target); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "These weights are not widened.");
        }
    }
}
