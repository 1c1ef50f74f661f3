namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Rows of a matrix in memory, <paramref name="stride"/> elements apart.</summary>
internal readonly unsafe struct DenseRows(float* start, long stride) : IRowPacker
{
    public void Pack(int row, int rows, int depthStart, int depth, int tileRows, float* panel)
    {
        var pointers = stackalloc float*[rows];
        for (var r = 0; r < rows; r++) pointers[r] = start + (row + r) * stride + depthStart;
        PanelTranspose.Run(pointers, rows, depth, panel, tileRows);
    }
}
