using System.Diagnostics;
using OnDeviceSora.Tensors.Cpu.Bytes;

namespace OnDeviceSora.Tensors;

/// <summary>What arithmetic this machine has at best: a micro-kernel on every thread, over panels that stay in the first-level cache.</summary>
public static unsafe class KernelLimit
{
    /// <summary>The best of so many stretches is the limit: what else runs on the machine only ever slows it down.</summary>
    private const int Stretches = 5;

    /// <summary>Bytes of both panels: with a tile and its scales, less than the smallest first-level cache that is common.</summary>
    private const int PanelBytes = 28 << 10;

    /// <summary>Tiles between two looks at the clock.</summary>
    private const int TilesAtATime = 64;

    /// <summary>Runs a micro-kernel down panels of 32-bit words.</summary>
    private delegate void RunTile(uint* a, uint* b, int words, float* tile);

    /// <summary>Whether products are computed in this type here; weights of another are widened.</summary>
    public static bool Exists(ComputeEngine engine, DataType type) => type switch
    {
        DataType.F32 or DataType.I8 => true,
        DataType.BF16 => engine.Bfloat16Kernel is not null,
        _ => false,
    };

    /// <summary>Measures.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="type">What the products are computed in.</param>
    /// <param name="duration">How long to measure, about.</param>
    /// <returns>Operations a second of all threads together, a multiply-add being two.</returns>
    /// <exception cref="NotSupportedException">Products of that type do not exist here.</exception>
    public static double Measure(ComputeEngine engine, DataType type, TimeSpan duration)
    {
        if (!Exists(engine, type)) throw new NotSupportedException($"No micro-kernel multiplies {type} here.");
        var rates = new double[engine.Threads];
        var best = 0.0;
        for (var i = 0; i < Stretches; i++)
        {
            engine.Team.For(engine.Threads, (item, thread) => rates[item] = Rate(engine, type, thread, duration / Stretches));
            best = Math.Max(best, rates.Sum());
        }
        return best;
    }

    /// <summary>Operations a second of one thread.</summary>
    private static double Rate(ComputeEngine engine, DataType type, int thread, TimeSpan stretch)
    {
        int rows = engine.Kernel.Rows, columns = engine.Kernel.Columns;
        if (type == DataType.I8) (rows, columns) = (engine.ByteKernel.Rows, engine.ByteKernel.Columns);
        var words = PanelBytes / sizeof(uint) / (rows + columns);
        var (panels, tileLength) = (words * (rows + columns), rows * columns);
        var a = (uint*)engine.Scratch.Take(thread, panels + tileLength + 2 * (rows + columns));
        float* tile = (float*)(a + panels), scales = tile + tileLength;
        // As numbers: 0.5 in fp32, and in bfloat16 in one of each pair; small integers as bytes.
        new Span<uint>(a, panels).Fill(type == DataType.I8 ? 0x01020304 : BitConverter.SingleToUInt32Bits(0.5f));
        new Span<float>(scales, 2 * (rows + columns)).Clear();
        var run = TileOf(engine, type, scales);

        var (clock, tiles) = (Stopwatch.StartNew(), 0L);
        do
        {
            for (var i = 0; i < TilesAtATime; i++) run(a, a + words * rows, words, tile);
            tiles += TilesAtATime;
        }
        while (clock.Elapsed < stretch);
        var perWord = type switch { DataType.I8 => 4, DataType.BF16 => 2, _ => 1 };
        return 2.0 * perWord * tiles * words * tileLength / clock.Elapsed.TotalSeconds;
    }

    /// <summary>The micro-kernel of a type; that of bytes with its conversion to floats.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="type">A type that exists.</param>
    /// <param name="scales">Zeros, for the scaling of rows and columns.</param>
    private static RunTile TileOf(ComputeEngine engine, DataType type, float* scales) => type switch
    {
        DataType.BF16 => (a, b, words, tile) => engine.Bfloat16Kernel!.Run(a, b, words, tile, engine.Kernel.Columns, accumulate: false),
        DataType.I8 => (a, b, words, tile) => RunBytes(engine.ByteKernel, (byte*)a, (sbyte*)b, words, tile, scales),
        _ => (a, b, words, tile) => engine.Kernel.Run((float*)a, (float*)b, words, tile, engine.Kernel.Columns, accumulate: false),
    };

    private static void RunBytes(ByteKernel kernel, byte* a, sbyte* b, int words, float* tile, float* scales)
    {
        var (rows, columns) = (kernel.Rows, kernel.Columns);
        var scaling = new ByteScaling { RowZeros = (int*)scales, RowScales = scales + rows, ColumnSums = (int*)scales + 2 * rows, ColumnScales = scales + 2 * rows + columns };
        kernel.Run(a, b, words, scaling, tile, columns);
    }
}
