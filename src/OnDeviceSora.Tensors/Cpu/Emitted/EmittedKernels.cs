namespace OnDeviceSora.Tensors.Cpu.Emitted;

/// <summary>The emitted micro-kernels of this process, each made when it is first asked for.</summary>
internal static class EmittedKernels
{
    private static readonly Lazy<nint> Single = new(() => Publish(TileProduct.Single));
    private static readonly Lazy<nint> Bfloat16Pair = new(() => Publish(TileProduct.Bfloat16Pair));
    private static readonly Lazy<nint> ByteQuad = new(() => Publish(TileProduct.ByteQuad));

    /// <summary>The address of a kernel, or 0 where this CPU lacks its instruction or the system refuses executable memory.</summary>
    public static nint Find(TileProduct product) => product switch
    {
        _ when !CpuFeatures.Supports(VectorWidth.Bits512) => 0,
        TileProduct.Single => Single.Value,
        TileProduct.Bfloat16Pair => CpuFeatures.HasAvx512Bfloat16 ? Bfloat16Pair.Value : 0,
        _ => CpuFeatures.HasAvx512Vnni ? ByteQuad.Value : 0,
    };

    private static nint Publish(TileProduct product) => ExecutablePages.Publish(TileEmitter.Emit(product, OperatingSystem.IsWindows()));
}
