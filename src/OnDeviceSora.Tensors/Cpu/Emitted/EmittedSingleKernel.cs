namespace OnDeviceSora.Tensors.Cpu.Emitted;

/// <summary>The fp32 tile of AVX-512 in emitted code; bit-identical to <see cref="MicroKernel512"/>.</summary>
/// <param name="code">Address of the code.</param>
internal sealed unsafe class EmittedSingleKernel(nint code) : MicroKernel
{
    private readonly delegate* unmanaged[SuppressGCTransition]<TileArguments*, void> _code = (delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>)code;

    public override VectorWidth Width => VectorWidth.Bits512;

    public override int Rows => TileEmitter.Rows;

    public override int Columns => TileEmitter.Columns;

    public override void Run(float* a, float* b, int depth, float* tile, nint stride, bool accumulate)
    {
        var arguments = new TileArguments { A = a, B = b, Words = depth, Tile = tile, StrideBytes = stride * sizeof(float), Accumulate = accumulate ? 1 : 0 };
        _code(&arguments);
    }
}
