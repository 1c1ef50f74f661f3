namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Where the rows of a product come from: a matrix, or the patches of a convolution.</summary>
internal unsafe interface IRowPacker
{
    /// <summary>Writes a panel <c>[depth][tileRows]</c>: entry (k, r) is column <c>depthStart + k</c> of row <c>row + r</c>.</summary>
    /// <param name="row">First row.</param>
    /// <param name="rows">Rows there are, 1 to <paramref name="tileRows"/>; the others become zeros.</param>
    /// <param name="depthStart">First column.</param>
    /// <param name="depth">Columns.</param>
    /// <param name="tileRows">Width of the panel.</param>
    /// <param name="panel">The panel.</param>
    void Pack(int row, int rows, int depthStart, int depth, int tileRows, float* panel);
}
