using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests;

public class WeightArenaTests
{
    private static readonly ConvolutionGeometry Geometry = ConvolutionGeometry.Picture(ConvolutionAxis.Same(3), ConvolutionAxis.Same(3));

    /// <summary>The capacity is exactly the sum of what the pieces say they need, and the arena serves one set after another.</summary>
    [Theory]
    [InlineData(DataType.F32)]
    [InlineData(DataType.BF16)]
    [InlineData(DataType.F16)]
    [InlineData(DataType.I8)]
    public void Pieces_fill_the_arena_to_the_byte_and_do_not_overlap(DataType type)
    {
        using var engine = new ComputeEngine(2);
        var bytes = PackedMatrix.Bytes(engine, type, 50, 30) + PackedConvolution.Bytes(engine, type, 7, 3, Geometry) + WeightArena.PieceBytes(5 * 4);
        using var arena = new WeightArena(engine, bytes);
        Assert.Equal(bytes, arena.CapacityBytes);
        for (var round = 0; round < 3; round++)
        {
            arena.Reset();
            Assert.Equal(0, arena.UsedBytes);
            var (m, c) = (WeightReference.Random(type, 50, 30, round), WeightReference.Random(type, 7, 27, round));
            using var bias = arena.Take(5);
            using var matrix = Filled(PackedMatrix.Allocate(engine, type, 50, 30, arena), m);
            using var convolution = Filled(PackedConvolution.Allocate(engine, type, 7, 3, Geometry, arena), c);
            Assert.Equal(bytes, arena.UsedBytes);
            Assert.Equal(bytes, engine.Memory.BytesOf(MemoryOwner.Weights));
            bias.Span.Fill(round);

            Assert.Equal([round, round, round, round, round], bias.Span.ToArray());
            Assert.Equal(Product(engine, Filled(PackedMatrix.Allocate(engine, type, 50, 30), m)), Product(engine, matrix));
            Assert.Equal(Convolve(engine, Filled(PackedConvolution.Allocate(engine, type, 7, 3, Geometry), c)), Convolve(engine, convolution));
        }
    }

    [Fact]
    public unsafe void Pieces_are_aligned_and_what_does_not_fit_is_refused_with_the_sizes()
    {
        using var engine = new ComputeEngine();
        using var arena = new WeightArena(engine, 3 * 64);
        Assert.Equal(0, (nint)arena.Take(1).Pointer % 64);
        Assert.Equal(0, (nint)arena.Take(16).Pointer % 64);
        Assert.Equal(128, arena.UsedBytes);
        var error = Assert.Throws<InvalidOperationException>(() => arena.Take(17));
        foreach (var size in (string[])["128", "192"]) Assert.Contains(size, error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => PackedMatrix.Allocate(engine, DataType.BF16, 64, 64, arena));
        Assert.Equal(0, arena.Take(2, 0, 3).Length);
        Assert.Equal(16, arena.Take(4, 4).Length);
        Assert.Equal(arena.CapacityBytes, arena.UsedBytes);
    }

    [Fact]
    public void Disposing_pieces_frees_nothing_and_disposing_the_arena_ends_them_all()
    {
        using var engine = new ComputeEngine();
        var arena = new WeightArena(engine, 1 << 16);
        var tensor = arena.Take(10);
        var matrix = PackedMatrix.Allocate(engine, DataType.I8, 3, 4, arena);
        var convolution = PackedConvolution.Allocate(engine, DataType.F32, 2, 1, Geometry, arena);
        tensor.Dispose();
        matrix.Dispose();
        convolution.Dispose();
        tensor.Span.Fill(1);
        matrix.FillRows(0, new byte[12]);
        convolution.FillFilters(0, new byte[72]);
        Assert.Equal(1 << 16, engine.Memory.CurrentBytes);

        arena.Dispose();
        Assert.Equal(0, engine.Memory.CurrentBytes);
        using var x = engine.AllocateZeroed(1, 4);
        using var y = engine.AllocateZeroed(1, 3);
        Assert.Throws<ObjectDisposedException>(() => tensor.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => matrix.FillRows(0, new byte[12]));
        Assert.Throws<ObjectDisposedException>(() => matrix.FillScales(new float[3]));
        Assert.Throws<ObjectDisposedException>(() => MatMul.Run(engine, x, matrix, y));
        Assert.Throws<ObjectDisposedException>(() => convolution.FillFilters(0, new byte[72]));
        Assert.Throws<ObjectDisposedException>(() => arena.Take(1));
        arena.Dispose();
    }

    private static PackedMatrix Filled(PackedMatrix matrix, WeightReference weights)
    {
        if (weights.Scales is not null) matrix.FillScales(weights.Scales);
        matrix.FillRows(0, weights.Stored);
        return matrix;
    }

    private static PackedConvolution Filled(PackedConvolution convolution, WeightReference weights)
    {
        if (weights.Scales is not null) convolution.FillScales(weights.Scales);
        convolution.FillFilters(0, weights.Stored);
        return convolution;
    }

    private static float[] Product(ComputeEngine engine, PackedMatrix weights)
    {
        using var a = Numbers.Fill(engine, 1, 9, weights.Depth);
        using var output = Numbers.Poisoned(engine, 9, weights.Columns);
        MatMul.Run(engine, a, weights, output);
        weights.Dispose();
        return output.Span.ToArray();
    }

    private static float[] Convolve(ComputeEngine engine, PackedConvolution weights)
    {
        using var x = Numbers.Fill(engine, 1, 1, 4, 5, weights.InputChannels);
        using var output = Numbers.Poisoned(engine, 1, 4, 5, weights.OutputChannels);
        Convolution.Run(engine, x, weights, output);
        weights.Dispose();
        return output.Span.ToArray();
    }
}
