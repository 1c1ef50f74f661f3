using System.Diagnostics;
using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>What arithmetic this machine has at best: a micro-kernel on every thread, over panels that stay in the first-level cache.</summary>
public static unsafe class KernelLimit
{
    /// <summary>The best of so many stretches is the limit: what else runs on the machine only ever slows it down.</summary>
    private const int Stretches = 5;

    /// <summary>Bytes of both panels: with a tile, less than the smallest first-level cache that is common.</summary>
    private const int PanelBytes = 24 << 10;

    /// <summary>Tiles between two looks at the clock.</summary>
    private const int TilesAtATime = 64;

    /// <summary>Measures.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="type">What the products are computed in.</param>
    /// <param name="duration">How long to measure, about.</param>
    /// <returns>Operations a second of all threads together, a multiply-add being two; <c>null</c> where there is no micro-kernel of that type.</returns>
    public static double? Measure(ComputeEngine engine, DataType type, TimeSpan duration) => type switch
    {
        DataType.F32 => BestOf(engine, duration / Stretches, (thread, stretch) => RunSingle(engine, thread, stretch)),
        _ => null,
    };

    private static double BestOf(ComputeEngine engine, TimeSpan stretch, Func<int, TimeSpan, double> run)
    {
        var rates = new double[engine.Threads];
        var best = 0.0;
        for (var i = 0; i < Stretches; i++)
        {
            // A thread that is late takes the place of one that is done; every item still runs beside the others, but for that.
            engine.Team.For(engine.Threads, (item, thread) => rates[item] = run(thread, stretch));
            best = Math.Max(best, rates.Sum());
        }
        return best;
    }

    /// <summary>Operations a second of one thread.</summary>
    private static double RunSingle(ComputeEngine engine, int thread, TimeSpan stretch)
    {
        var kernel = engine.Kernel;
        var depth = PanelBytes / sizeof(float) / (kernel.Rows + kernel.Columns);
        var floats = depth * (kernel.Rows + kernel.Columns);
        var a = engine.Scratch.Take(thread, floats + kernel.Rows * kernel.Columns);
        new Span<float>(a, floats).Fill(0.5f);
        float* b = a + depth * kernel.Rows, tile = a + floats;
        var (clock, tiles) = (Stopwatch.StartNew(), 0L);
        do
        {
            for (var i = 0; i < TilesAtATime; i++) kernel.Run(a, b, depth, tile, kernel.Columns, accumulate: false);
            tiles += TilesAtATime;
        }
        while (clock.Elapsed < stretch);
        return 2.0 * tiles * depth * kernel.Rows * kernel.Columns / clock.Elapsed.TotalSeconds;
    }
}
