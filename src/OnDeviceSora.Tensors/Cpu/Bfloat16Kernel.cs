using OnDeviceSora.Tensors.Cpu.Emitted;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// The tile of a product of bfloat16 (AVX512-BF16): pairs of neighbours in depth, whose products are summed in single precision.
/// Subnormal numbers count as 0. CPUs without the instruction, or with a slow one, widen the weights and use <see cref="MicroKernel"/>.
/// </summary>
/// <param name="code">Address of the emitted code.</param>
internal sealed unsafe class Bfloat16Kernel(nint code)
{
    private readonly delegate* unmanaged[SuppressGCTransition]<TileArguments*, void> _code = (delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>)code;

    /// <summary>Computes <c>tile = a * b</c>, or <c>tile += a * b</c> when <paramref name="accumulate"/> is set.</summary>
    /// <param name="a">Panel <c>[words][14]</c> of pairs.</param>
    /// <param name="b">Panel <c>[words][32]</c> of pairs.</param>
    /// <param name="words">Pairs in each sum, 0 or more.</param>
    /// <param name="tile">First element of a full tile; all of it is written.</param>
    /// <param name="stride">Elements from one row of the tile to the next.</param>
    /// <param name="accumulate">Whether the tile's present values are the start of the sums.</param>
    public void Run(uint* a, uint* b, int words, float* tile, nint stride, bool accumulate)
    {
        var arguments = new TileArguments { A = a, B = b, Words = words, Tile = tile, StrideBytes = stride * sizeof(float), Accumulate = accumulate ? 1 : 0 };
        _code(&arguments);
    }
}
