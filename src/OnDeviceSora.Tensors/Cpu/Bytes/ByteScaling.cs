using System.Runtime.InteropServices;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>
/// How a tile's sums of products of bytes become floats:
/// <c>(sum - zero[row] * column sum[column]) * column scale[column] * row scale[row]</c>, the difference in integers and each
/// product rounded.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ByteScaling
{
    /// <summary>The byte that stands for 0, of each row.</summary>
    public int* RowZeros;

    /// <summary>What one unit of a row's bytes is worth.</summary>
    public float* RowScales;

    /// <summary>The sum of each column's weights.</summary>
    public int* ColumnSums;

    /// <summary>What one unit of a column's weights is worth.</summary>
    public float* ColumnScales;
}
