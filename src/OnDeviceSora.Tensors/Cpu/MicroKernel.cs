namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// The innermost loop of every product: a tile of <see cref="Rows"/> x <see cref="Columns"/> sums, kept in registers while
/// it runs down two packed panels.
/// </summary>
/// <remarks>
/// Panels: <c>a[depth][Rows]</c> and <c>b[depth][Columns]</c>, both padded with zeros to full width. Each sum is one chain of
/// fused multiply-adds in the order of depth, so its bits depend on neither blocking of rows and columns nor threads.
/// </remarks>
internal abstract unsafe class MicroKernel
{
    /// <summary>Vector width in bits.</summary>
    public abstract VectorWidth Width { get; }

    /// <summary>Rows of a tile: entries of an a-panel at each depth.</summary>
    public abstract int Rows { get; }

    /// <summary>Columns of a tile: entries of a b-panel at each depth.</summary>
    public abstract int Columns { get; }

    /// <summary>Computes <c>tile = a * b</c>, or <c>tile += a * b</c> when <paramref name="accumulate"/> is set.</summary>
    /// <param name="a">Panel <c>[depth][Rows]</c>.</param>
    /// <param name="b">Panel <c>[depth][Columns]</c>.</param>
    /// <param name="depth">Products in each sum, 0 or more.</param>
    /// <param name="tile">First element of a full tile; all of it is written.</param>
    /// <param name="stride">Elements from one row of the tile to the next.</param>
    /// <param name="accumulate">Whether the tile's present values are the start of the sums.</param>
    public abstract void Run(float* a, float* b, int depth, float* tile, nint stride, bool accumulate);
}
