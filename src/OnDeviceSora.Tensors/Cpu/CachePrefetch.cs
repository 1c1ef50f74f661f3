using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Asks the CPU to bring memory near before it is used. A hint: nothing depends on it.</summary>
internal static unsafe class CachePrefetch
{
    private const int BytesPerLine = 64;

    /// <summary>Fetches so many bytes into the second-level cache, where the CPU has such an instruction.</summary>
    public static void IntoSecondLevel(byte* start, nint count)
    {
        if (!Sse.IsSupported) return;
        for (nint i = 0; i < count; i += BytesPerLine) Sse.Prefetch1(start + i);
    }
}
