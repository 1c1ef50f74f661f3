using System.Diagnostics;
using System.Numerics;
using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>How fast this machine's memory can be read: by every thread at once, front to back, from more than the caches hold.</summary>
public static unsafe class MemoryBandwidth
{
    private const long Bytes = 256 << 20;
    private const int PieceBytes = 1 << 20;

    /// <summary>Measures.</summary>
    /// <param name="engine">Whose threads read; 256 MB are allocated meanwhile.</param>
    /// <param name="duration">How long to measure, at least; one pass in any case.</param>
    /// <returns>Bytes a second, the best of all passes.</returns>
    public static double Measure(ComputeEngine engine, TimeSpan duration)
    {
        using var memory = engine.AllocateZeroed((int)(Bytes / sizeof(float)));
        var sums = new float[engine.Threads];
        var (all, best) = (Stopwatch.StartNew(), 0.0);
        do
        {
            var clock = Stopwatch.StartNew();
            engine.Team.For((int)(Bytes / PieceBytes), (piece, thread) => sums[thread] += Read((byte*)memory.Pointer + (long)piece * PieceBytes));
            best = Math.Max(best, Bytes / clock.Elapsed.TotalSeconds);
        }
        while (all.Elapsed < duration);
        return best;
    }

    private static float Read(byte* piece)
    {
        var width = Vector<float>.Count;
        float* from = (float*)piece, end = (float*)(piece + PieceBytes);
        Vector<float> a = default, b = default, c = default, d = default;
        for (; from < end; from += 4 * width)
        {
            // Far enough ahead to keep the memory busy where the machine's own prefetching ends at a page.
            CachePrefetch.IntoSecondLevel((byte*)(from + 1024), 4 * width * sizeof(float));
            a += Vector.Load(from);
            b += Vector.Load(from + width);
            c += Vector.Load(from + 2 * width);
            d += Vector.Load(from + 3 * width);
        }
        return Vector.Sum(a + b + c + d);
    }
}
