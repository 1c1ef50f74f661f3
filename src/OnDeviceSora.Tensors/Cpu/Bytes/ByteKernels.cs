using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnDeviceSora.Tensors.Cpu.Emitted;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>The kernels of byte products there are.</summary>
internal static class ByteKernels
{
    /// <summary>The fastest kernel of a width.</summary>
    /// <param name="width">A width that this CPU has.</param>
    /// <param name="emit">Whether emitted code may be used.</param>
    public static ByteKernel Select(VectorWidth width, bool emit)
    {
        var code = emit && width == VectorWidth.Bits512 ? EmittedKernels.Find(TileProduct.ByteQuad) : 0;
        if (code != 0) return new EmittedByteKernel(code);
        return width switch
        {
            VectorWidth.Bits512 => new ManagedByteKernel<ByteVector512, Vector512<int>, BytePairs512>(),
            VectorWidth.Bits256 when AvxVnni.IsSupported => new ManagedByteKernel<ByteVectorVnni256, Vector256<int>, Vector256<byte>>(),
            VectorWidth.Bits256 => new ManagedByteKernel<ByteVector256, Vector256<int>, BytePairs256>(),
            _ => new ManagedByteKernel<ByteVector128, Vector128<int>, Vector128<sbyte>>(),
        };
    }
}
