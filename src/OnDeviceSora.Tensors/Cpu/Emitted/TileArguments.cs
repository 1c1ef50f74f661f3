using System.Runtime.InteropServices;
using OnDeviceSora.Tensors.Cpu.Bytes;

namespace OnDeviceSora.Tensors.Cpu.Emitted;

/// <summary>What an emitted micro-kernel is called with: one pointer to this, so that the code is the same under every calling convention.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TileArguments
{
    /// <summary>Panel of rows, <c>[words][14]</c>.</summary>
    public void* A;

    /// <summary>Panel of weights, <c>[words][32]</c>.</summary>
    public void* B;

    /// <summary>32-bit words of depth: 1, 2 or 4 products each.</summary>
    public nint Words;

    /// <summary>First sum of the tile.</summary>
    public float* Tile;

    /// <summary>Bytes from one row of the tile to the next.</summary>
    public nint StrideBytes;

    /// <summary>Not 0 when the tile's present values are the start of the sums. Not for bytes.</summary>
    public nint Accumulate;

    /// <summary>How sums of bytes become floats. For bytes alone.</summary>
    public ByteScaling Scaling;
}
