namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Rows of a matrix in memory, <paramref name="stride"/> elements apart.</summary>
internal readonly unsafe struct DenseRows(float* start, long stride, int depth) : IRowPacker
{
    public void Pack(int row, int rows, int tileRows, float* panel)
    {
        var pointers = stackalloc float*[rows];
        for (var r = 0; r < rows; r++) pointers[r] = start + (row + r) * stride;
        PanelTranspose.Run(pointers, rows, depth, panel, tileRows);
    }
}
