using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>What this CPU, and this process's settings, allow.</summary>
internal static class CpuFeatures
{
    /// <summary>The widest vectors that have hardware support here.</summary>
    public static VectorWidth WidestVector =>
        Supports(VectorWidth.Bits512) ? VectorWidth.Bits512
        : Supports(VectorWidth.Bits256) ? VectorWidth.Bits256
        : VectorWidth.Bits128;

    /// <summary>True when micro-kernels of this width run in hardware. 128 bits always do, if need be in software.</summary>
    public static bool Supports(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Vector512.IsHardwareAccelerated && System.Runtime.Intrinsics.X86.Avx512F.IsSupported,
        VectorWidth.Bits256 => Vector256.IsHardwareAccelerated && System.Runtime.Intrinsics.X86.Fma.IsSupported,
        _ => true,
    };
}
