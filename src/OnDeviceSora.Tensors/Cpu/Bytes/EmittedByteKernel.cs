using OnDeviceSora.Tensors.Cpu.Emitted;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>The tile of AVX512-VNNI in emitted code.</summary>
/// <param name="code">Address of the code.</param>
internal sealed unsafe class EmittedByteKernel(nint code) : ByteKernel
{
    private readonly delegate* unmanaged[SuppressGCTransition]<TileArguments*, void> _code = (delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>)code;

    public override int Rows => TileEmitter.Rows;

    public override int Columns => TileEmitter.Columns;

    public override void Run(byte* a, sbyte* b, int words, in ByteScaling scaling, float* tile, nint stride)
    {
        var arguments = new TileArguments { A = a, B = b, Words = words, Tile = tile, StrideBytes = stride * sizeof(float), Scaling = scaling };
        _code(&arguments);
    }
}
