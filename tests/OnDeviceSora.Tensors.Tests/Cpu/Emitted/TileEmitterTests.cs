using Iced.Intel;
using OnDeviceSora.Tensors.Cpu;
using OnDeviceSora.Tensors.Cpu.Bytes;
using OnDeviceSora.Tensors.Cpu.Emitted;

namespace OnDeviceSora.Tensors.Tests.Cpu.Emitted;

/// <summary>The emitted code itself, in software: for CPUs without its instructions, and for both calling conventions.</summary>
public unsafe class TileEmitterTests
{
    private const int Rows = TileEmitter.Rows;
    private const int Columns = TileEmitter.Columns;
    private const int Stride = Columns + 5;

    private static readonly int[] Depths = [0, 1, 3, 4, 5, 9];

    public static TheoryData<bool> Conventions => [false, true];

    [Theory]
    [MemberData(nameof(Conventions))]
    public void Single_precision_has_the_bits_of_the_managed_kernel(bool windows)
    {
        using var engine = new ComputeEngine(1, code: KernelCode.Managed);
        if (engine.VectorWidth != VectorWidth.Bits512) return;
        foreach (var words in Depths)
        {
            foreach (var accumulate in (bool[])[false, true])
            {
                using var a = Numbers.Fill(engine, 1, words, Rows);
                using var b = Numbers.Fill(engine, 2, words, Columns);
                using var expected = Numbers.Fill(engine, 3, Rows * Stride);
                using var actual = Numbers.Fill(engine, 3, Rows * Stride);
                engine.Kernel.Run(a.Pointer, b.Pointer, words, expected.Pointer, Stride, accumulate);
                Interpret(TileProduct.Single, windows, Arguments(a.Pointer, b.Pointer, words, actual, accumulate));
                Assert.Equal(expected.Span.ToArray(), actual.Span.ToArray());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public void Bytes_have_the_bits_of_the_formula(bool windows)
    {
        using var engine = new ComputeEngine();
        foreach (var words in Depths)
        {
            var random = new Random(words);
            byte[] a = new byte[words * Rows * 4], b = new byte[words * Columns * 4];
            random.NextBytes(a);
            random.NextBytes(b);
            int[] zeros = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(256))], sums = new int[Columns];
            for (var i = 0; i < b.Length; i++) sums[i / 4 % Columns] += (sbyte)b[i];
            float[] rowScales = Numbers.Of(Rows, 1), columnScales = Numbers.Of(Columns, 2);
            using var tile = Numbers.Poisoned(engine, Rows * Stride);
            fixed (byte* pa = a, pb = b)
            fixed (int* pz = zeros, ps = sums)
            fixed (float* pr = rowScales, pc = columnScales)
            {
                var arguments = Arguments(pa, pb, words, tile, accumulate: false);
                arguments.Scaling = new ByteScaling { RowZeros = pz, RowScales = pr, ColumnSums = ps, ColumnScales = pc };
                Interpret(TileProduct.ByteQuad, windows, arguments);
            }
            for (var i = 0; i < Rows * Columns; i++)
            {
                var (row, column, sum) = (i / Columns, i % Columns, 0);
                for (var k = 0; k < 4 * words; k++) sum += a[(k / 4 * Rows + row) * 4 + k % 4] * (sbyte)b[(k / 4 * Columns + column) * 4 + k % 4];
                Assert.Equal((float)(sum - zeros[row] * sums[column]) * columnScales[column] * rowScales[row], tile.Span[row * Stride + column]);
            }
        }
    }

    /// <summary>Rows that are rounded to bfloat16 and weights that are such already: products in double precision, within the roundings of the sums.</summary>
    [Theory]
    [MemberData(nameof(Conventions))]
    public void Bfloat16_is_multiplied_in_pairs(bool windows)
    {
        using var engine = new ComputeEngine();
        foreach (var depth in Depths)
        {
            var words = (depth + 1) / 2;
            using var a = Rounded(engine, 1, depth, Rows);
            using var b = Rounded(engine, 2, depth, Columns);
            var (rows, weights) = (new uint[words * Rows], new uint[words * Columns]);
            using var tile = Numbers.Fill(engine, 3, Rows * Stride);
            var before = tile.Span.ToArray();
            fixed (uint* pa = rows, pb = weights)
            {
                Bfloat16Rounding.JoinPairs(a.Pointer, depth, Rows, pa);
                Bfloat16Rounding.JoinPairs(b.Pointer, depth, Columns, pb);
                Interpret(TileProduct.Bfloat16Pair, windows, Arguments(pa, pb, words, tile, accumulate: true));
            }
            for (var i = 0; i < Rows * Columns; i++)
            {
                var (row, column) = (i / Columns, i % Columns);
                var sum = (double)before[row * Stride + column];
                for (var k = 0; k < depth; k++) sum += (double)a.Span[k * Rows + row] * b.Span[k * Columns + column];
                Assert.Equal(sum, tile.Span[row * Stride + column], (depth + 2) * (depth + 2) * 1.6 / (1 << 24));
            }
        }
    }

    [Fact]
    public void Code_can_be_executed_and_not_written()
    {
        if (!OperatingSystem.IsLinux() || EmittedKernels.Find(TileProduct.Single) is not (not 0 and var code)) return;
        var permissions =
            from line in File.ReadLines("/proc/self/maps")
            let ends = line.Split(' ')[0].Split('-').Select(end => Convert.ToInt64(end, 16)).ToArray()
            where ends[0] <= code && code < ends[1]
            select line.Split(' ')[1];
        Assert.Equal("r-xp", Assert.Single(permissions));
    }

    [Fact]
    public void Managed_code_can_be_chosen()
    {
        using var managed = new ComputeEngine(code: KernelCode.Managed);
        Assert.IsNotType<EmittedSingleKernel>(managed.Kernel);
        Assert.IsNotType<EmittedByteKernel>(managed.ByteKernel);
        Assert.Null(managed.Bfloat16Kernel);
    }

    private static TileArguments Arguments(void* a, void* b, int words, Tensor tile, bool accumulate) =>
        new() { A = a, B = b, Words = words, Tile = tile.Pointer, StrideBytes = Stride * sizeof(float), Accumulate = accumulate ? 1 : 0 };

    private static void Interpret(TileProduct product, bool windows, TileArguments arguments) =>
        new CodeInterpreter(TileEmitter.Emit(product, windows)).Call(windows ? Register.RCX : Register.RDI, &arguments, keepsVectors: windows);

    private static Tensor Rounded(ComputeEngine engine, int seed, int depth, int width)
    {
        var tensor = Numbers.Fill(engine, seed, depth, width);
        foreach (ref var value in tensor.Span) value = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000);
        return tensor;
    }
}
