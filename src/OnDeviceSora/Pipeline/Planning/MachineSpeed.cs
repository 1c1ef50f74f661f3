using System.Diagnostics;
using System.Runtime.InteropServices;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>How fast this machine is, for predictions of time.</summary>
/// <param name="OperationsPerSecond">Floating-point operations of a large product.</param>
/// <param name="ByteOperationsPerSecond">Operations of a large product of 8-bit integers.</param>
/// <param name="BytesPerSecond">What the storage gives past the page cache.</param>
internal readonly record struct MachineSpeed(double OperationsPerSecond, double ByteOperationsPerSecond, double BytesPerSecond)
{
    private const int Rows = 512;
    private const int Width = 1024;
    private const int ReadBytes = 64 << 20;
    private const int PieceBytes = 4 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How many times faster than a product a convolution computes as many operations, since most take Winograd's way: `bench all` measures 1.55
    /// for the autoencoder.
    /// </summary>
    private const double ConvolutionGain = 1.5;

    /// <summary>Operations of a convolution, counted without Winograd's savings.</summary>
    public double ConvolutionOperationsPerSecond => ConvolutionGain * OperationsPerSecond;

    /// <summary>Measures for about half a second.</summary>
    /// <param name="threads">Threads that will compute.</param>
    /// <param name="model">The model whose file is read.</param>
    public static MachineSpeed Measure(int threads, ModelFolder model)
    {
        using var engine = new ComputeEngine(threads);
        using var floats = PackedMatrix.Pack(engine, new float[Width * Width], Width, Width);
        using var bytes = PackedMatrix.Allocate(engine, DataType.I8, Width, Width);
        bytes.FillRows(0, new byte[Width * Width]);
        bytes.FillScales(new float[Width]);
        return new MachineSpeed(
            MeasureProduct(engine, (a, result) => MatMul.Run(engine, a, floats, result)),
            MeasureProduct(engine, (a, result) => MatMul.RunQuantised(engine, a, bytes, result)),
            MeasureStorage(model.Transformer));
    }

    private static double MeasureProduct(ComputeEngine engine, Action<Tensor, Tensor> multiply)
    {
        using var a = engine.AllocateZeroed(Rows, Width);
        using var result = engine.Allocate(Rows, Width);
        // The fastest: the first ones run code that the compiler has not finished with.
        var (clock, fastest) = (Stopwatch.StartNew(), double.PositiveInfinity);
        do
        {
            var start = clock.Elapsed;
            multiply(a, result);
            fastest = Math.Min(fastest, (clock.Elapsed - start).TotalSeconds);
        }
        while (clock.Elapsed < Patience);
        return 2.0 * Rows * Width * Width / fastest;
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
            for (var offset = 0L; offset < end && total < ReadBytes && clock.Elapsed < Patience; offset += PieceBytes)
                total += checkpoint.ReadDirect(largest, offset, new Span<byte>(memory, PieceBytes));
            return total / clock.Elapsed.TotalSeconds;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }
}
