using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>What this CPU, and this process's settings, allow.</summary>
internal static class CpuFeatures
{
    private const int ExtendedFeatures = 7;

    /// <summary>The widest vectors that have hardware support here.</summary>
    public static VectorWidth WidestVector =>
        Supports(VectorWidth.Bits512) ? VectorWidth.Bits512
        : Supports(VectorWidth.Bits256) ? VectorWidth.Bits256
        : VectorWidth.Bits128;

    /// <summary>Products of four bytes in 512-bit vectors. The framework does not say, the CPU does (leaf 7, ecx bit 11).</summary>
    public static bool HasAvx512Vnni { get; } = Supports(VectorWidth.Bits512) && HasBit(X86Base.CpuId(ExtendedFeatures, 0).Ecx, 11);

    /// <summary>Products of pairs of bfloat16 in 512-bit vectors (leaf 7, part 1, eax bit 5).</summary>
    public static bool HasAvx512Bfloat16 { get; } = Supports(VectorWidth.Bits512)
        && X86Base.CpuId(ExtendedFeatures, 0).Eax >= 1 && HasBit(X86Base.CpuId(ExtendedFeatures, 1).Eax, 5);

    /// <summary>True when micro-kernels of this width run in hardware. 128 bits always do, if need be in software.</summary>
    public static bool Supports(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported,
        VectorWidth.Bits256 => Vector256.IsHardwareAccelerated && Fma.IsSupported && Avx2.IsSupported,
        _ => true,
    };

    private static bool HasBit(int register, int bit) => (register >> bit & 1) != 0;
}
