namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>Rows that are bytes already.</summary>
internal readonly unsafe struct StoredRows(QuantisedRows source) : IByteRowPacker
{
    public void Pack(int row, int rows, int tileRows, byte* spare, float* panel, float* scales, int* zeros)
    {
        var pointers = stackalloc float*[tileRows];
        for (var r = 0; r < tileRows; r++)
        {
            var isThere = r < rows;
            pointers[r] = isThere ? (float*)source.Row(row + r) : null;
            scales[r] = isThere ? source.Scales[row + r] : 0;
            zeros[r] = isThere ? source.Zeros[row + r] : 0;
        }
        PanelTranspose.Run(pointers, rows, source.Words, panel, tileRows);
    }
}
