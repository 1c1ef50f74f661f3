namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>
/// The innermost loop of a product of bytes: rows unsigned, weights signed, sums in 32-bit integers, which every implementation
/// computes exactly; so their results are the same bit by bit.
/// </summary>
/// <remarks>
/// Panels: <c>a[words][Rows]</c> and <c>b[words][Columns]</c>, a word being four neighbours in depth. Sums stay within 32 bits to a depth
/// of <see cref="MaximumDepth"/>.
/// </remarks>
internal abstract unsafe class ByteKernel
{
    /// <summary>Deepest product whose sums cannot overflow, the zero's part taken off included: 2^31 / (255 * 128) / 2.</summary>
    public const int MaximumDepth = 32 << 10;

    /// <summary>Rows of a tile.</summary>
    public abstract int Rows { get; }

    /// <summary>Columns of a tile; as many as the fp32 micro-kernel's of the same vector width.</summary>
    public abstract int Columns { get; }

    /// <summary>Computes a tile of floats.</summary>
    /// <param name="a">Panel <c>[words][Rows]</c> of four unsigned bytes.</param>
    /// <param name="b">Panel <c>[words][Columns]</c> of four signed bytes.</param>
    /// <param name="words">Words of depth, 0 or more.</param>
    /// <param name="scaling">From integers to floats; all entries of the tile are read.</param>
    /// <param name="tile">First element of a full tile; all of it is written.</param>
    /// <param name="stride">Elements from one row of the tile to the next.</param>
    public abstract void Run(byte* a, sbyte* b, int words, in ByteScaling scaling, float* tile, nint stride);
}
