using System.Diagnostics;
using System.Runtime.InteropServices;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>How fast this machine is, for predictions of time.</summary>
/// <param name="OperationsPerSecond">Floating-point operations of a large product.</param>
/// <param name="BytesPerSecond">What the storage gives past the page cache.</param>
internal readonly record struct MachineSpeed(double OperationsPerSecond, double BytesPerSecond)
{
    private const int ReadBytes = 64 << 20;
    private const int PieceBytes = 4 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    /// <summary>Measures for about a tenth of a second.</summary>
    /// <param name="threads">Threads that will compute.</param>
    /// <param name="model">The model whose file is read.</param>
    public static MachineSpeed Measure(int threads, ModelFolder model) => new(MeasureProduct(threads), MeasureStorage(model.Transformer));

    private static double MeasureProduct(int threads)
    {
        using var engine = new ComputeEngine(threads);
        const int rows = 1024, width = 512;
        using var a = engine.AllocateZeroed(rows, width);
        using var result = engine.Allocate(rows, width);
        using var weights = PackedMatrix.Pack(engine, new float[width * width], width, width);
        // The first is for the compiler and for the scratch memory.
        MatMul.Run(engine, a, weights, result);
        var (clock, products) = (Stopwatch.StartNew(), 0);
        do
        {
            MatMul.Run(engine, a, weights, result);
            products++;
        }
        while (clock.Elapsed < Patience);
        return products * 2.0 * rows * width * width / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Reads part of a model's own file as the streamer does.</summary>
    private static unsafe double MeasureStorage(Checkpoint checkpoint)
    {
        var largest = checkpoint.Tensors.MaxBy(tensor => tensor.ByteLength)!;
        var end = checkpoint.Tensors.Where(tensor => tensor.File == largest.File).Max(tensor => tensor.Offset + tensor.ByteLength);
        var memory = NativeMemory.AlignedAlloc(PieceBytes, DirectFile.Alignment);
        try
        {
            var (clock, total) = (Stopwatch.StartNew(), 0L);
            for (var offset = 0L; offset < end && total < ReadBytes && clock.Elapsed < 4 * Patience; offset += PieceBytes)
                total += checkpoint.ReadDirect(largest, offset, new Span<byte>(memory, PieceBytes));
            return total / clock.Elapsed.TotalSeconds;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }
}
