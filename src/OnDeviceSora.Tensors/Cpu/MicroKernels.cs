namespace OnDeviceSora.Tensors.Cpu;

/// <summary>The micro-kernels there are, by vector width.</summary>
internal static class MicroKernels
{
    /// <summary>The micro-kernel of a width.</summary>
    /// <exception cref="PlatformNotSupportedException">This CPU, or a setting of this process, lacks that width.</exception>
    public static MicroKernel Select(VectorWidth width)
    {
        if (!CpuFeatures.Supports(width)) throw new PlatformNotSupportedException($"This CPU has no {(int)width}-bit vectors with fused multiply-add; the widest here is {(int)CpuFeatures.WidestVector} bits.");
        return width switch
        {
            VectorWidth.Bits512 => new MicroKernel512(),
            VectorWidth.Bits256 => new MicroKernel256(),
            _ => new MicroKernel128(),
        };
    }
}
