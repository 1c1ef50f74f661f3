using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>What this CPU, and this process's settings, allow.</summary>
internal static class CpuFeatures
{
    private const int ExtendedFeatures = 7;
    private const int CooperLake = 0x55;

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

    /// <summary>
    /// Whether those are faster than as many of single precision. AMD's are, and were Intel's of Cooper Lake; its later cores, which multiply bfloat16 in
    /// matrix tiles, do half as many (<c>bench matmul</c> on an Emerald Rapids: 172 GFLOP/s, 341 in single precision). Known by
    /// the name and not measured, so that the same machine always computes the same bits.
    /// </summary>
    public static bool HasFastBfloat16 { get; } = HasAvx512Bfloat16 && (!IsIntel || Model == CooperLake);

    private static bool IsIntel => X86Base.CpuId(0, 0) is { Ebx: 0x756E6547, Edx: 0x49656E69, Ecx: 0x6C65746E };

    private static int Model => X86Base.CpuId(1, 0).Eax is var signature ? signature >> 4 & 0xF | signature >> 12 & 0xF0 : 0;

    /// <summary>True when micro-kernels of this width run in hardware. 128 bits always do, if need be in software.</summary>
    public static bool Supports(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported,
        VectorWidth.Bits256 => Vector256.IsHardwareAccelerated && Fma.IsSupported && Avx2.IsSupported,
        _ => true,
    };

    private static bool HasBit(int register, int bit) => (register >> bit & 1) != 0;
}
