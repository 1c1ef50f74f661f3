namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>Rows of floats, quantised while they are packed.</summary>
internal readonly unsafe struct PlainRows(float* start, int depth) : IByteRowPacker
{
    public void Pack(int row, int rows, int tileRows, byte* spare, float* panel, float* scales, int* zeros)
    {
        var words = (depth + 3) / 4;
        var pointers = stackalloc float*[tileRows];
        for (var r = 0; r < rows; r++)
        {
            pointers[r] = (float*)spare + (long)r * words;
            RowQuantiser.Run(start + (long)(row + r) * depth, depth, (byte*)pointers[r], out scales[r], out zeros[r]);
        }
        for (var r = rows; r < tileRows; r++) (scales[r], zeros[r]) = (0, 0);
        PanelTranspose.Run(pointers, rows, words, panel, tileRows);
    }
}
