using OnDeviceSora.Tensors.Cpu.Emitted;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>The fp32 micro-kernels there are, by vector width.</summary>
internal static class MicroKernels
{
    /// <summary>The fastest micro-kernel of a width.</summary>
    /// <param name="width">The width.</param>
    /// <param name="emit">Whether emitted code may be used.</param>
    /// <exception cref="PlatformNotSupportedException">This CPU, or a setting of this process, lacks that width.</exception>
    public static MicroKernel Select(VectorWidth width, bool emit)
    {
        if (!CpuFeatures.Supports(width)) throw new PlatformNotSupportedException($"This CPU has no {(int)width}-bit vectors with fused multiply-add; the widest here is {(int)CpuFeatures.WidestVector} bits.");
        var code = emit && width == VectorWidth.Bits512 ? EmittedKernels.Find(TileProduct.Single) : 0;
        if (code != 0) return new EmittedSingleKernel(code);
        return width switch
        {
            VectorWidth.Bits512 => new MicroKernel512(),
            VectorWidth.Bits256 => new MicroKernel256(),
            _ => new MicroKernel128(),
        };
    }
}
