namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>Where the rows of a product of bytes come from.</summary>
internal unsafe interface IByteRowPacker
{
    /// <summary>Writes a panel <c>[words][tileRows]</c> of four bytes each, and its rows' scales and zeros.</summary>
    /// <param name="row">First row.</param>
    /// <param name="rows">Rows there are, 1 to <paramref name="tileRows"/>; the others become zeros.</param>
    /// <param name="tileRows">Width of the panel.</param>
    /// <param name="spare">Room for <paramref name="tileRows"/> rows of bytes.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="scales">Receives <paramref name="tileRows"/> scales.</param>
    /// <param name="zeros">Receives <paramref name="tileRows"/> zeros.</param>
    void Pack(int row, int rows, int tileRows, byte* spare, float* panel, float* scales, int* zeros);
}
