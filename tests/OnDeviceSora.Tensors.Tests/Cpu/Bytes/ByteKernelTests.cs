using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnDeviceSora.Tensors.Cpu;
using OnDeviceSora.Tensors.Cpu.Bytes;

namespace OnDeviceSora.Tensors.Tests.Cpu.Bytes;

[Trait("Category", "Operations")]
public unsafe class ByteKernelTests
{
    /// <summary>Every implementation this CPU can run, between guard pages, gives the very bits of the formula.</summary>
    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Every_kernel_has_the_bits_of_the_formula(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var kernel in Kernels())
        {
            foreach (var words in (int[])[0, 1, 2, 3, 4, 5, 7, 300]) Check(engine, kernel, words, extreme: false);
            Check(engine, kernel, ByteKernel.MaximumDepth / 4, extreme: true);
        }
    }

    [Fact]
    public void The_fastest_kernel_of_a_width_has_its_columns()
    {
        foreach (var width in EngineCase.Widths)
        {
            foreach (var code in Enum.GetValues<KernelCode>())
            {
                using var engine = new ComputeEngine(1, width, code);
                Assert.Equal(engine.Kernel.Columns, engine.ByteKernel.Columns);
            }
        }
    }

    private static List<ByteKernel> Kernels()
    {
        var kernels = new List<ByteKernel>();
        foreach (var width in EngineCase.Widths) kernels.AddRange([ByteKernels.Select(width, emit: true), ByteKernels.Select(width, emit: false)]);
        // What a newer CPU would choose something else for.
        if (Avx2.IsSupported) kernels.Add(new ManagedByteKernel<ByteVector256, Vector256<int>, BytePairs256>());
        return kernels;
    }

    private static void Check(ComputeEngine engine, ByteKernel kernel, int words, bool extreme)
    {
        var random = new Random(words);
        using var a = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, words * 4L * kernel.Rows);
        using var b = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, words * 4L * kernel.Columns);
        random.NextBytes(a.Span);
        random.NextBytes(b.Span);
        if (extreme) a.Span.Fill(byte.MaxValue);
        if (extreme) b.Span.Fill(0x80);
        using var zeros = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, 4 * kernel.Rows);
        using var sums = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, 4 * kernel.Columns);
        using var rowScales = Numbers.Fill(engine, 1, kernel.Rows);
        using var columnScales = Numbers.Fill(engine, 2, kernel.Columns);
        for (var row = 0; row < kernel.Rows; row++) ((int*)zeros.Pointer)[row] = extreme ? 0 : random.Next(256);
        for (var column = 0; column < kernel.Columns; column++) ((int*)sums.Pointer)[column] = ColumnSum(b, kernel.Columns, column, words);
        var scaling = new ByteScaling { RowZeros = (int*)zeros.Pointer, RowScales = rowScales.Pointer, ColumnSums = (int*)sums.Pointer, ColumnScales = columnScales.Pointer };

        var stride = kernel.Columns + 3;
        using var tile = Numbers.Poisoned(engine, (kernel.Rows - 1) * stride + kernel.Columns);
        kernel.Run((byte*)a.Pointer, (sbyte*)b.Pointer, words, scaling, tile.Pointer, stride);

        for (var i = 0; i < tile.Length; i++)
        {
            var (row, column) = (i / stride, i % stride);
            if (column >= kernel.Columns)
            {
                Assert.True(float.IsNaN(tile.Span[i]));
                continue;
            }
            var sum = Sum(a, b, kernel, row, column, words) - (long)scaling.RowZeros[row] * scaling.ColumnSums[column];
            Assert.Equal((float)sum * scaling.ColumnScales[column] * scaling.RowScales[row], tile.Span[i]);
        }
    }

    private static int ColumnSum(NativeBuffer b, int columns, int column, int words)
    {
        var sum = 0;
        for (var i = 0; i < 4 * words; i++) sum += (sbyte)b.Span[(i / 4 * columns + column) * 4 + i % 4];
        return sum;
    }

    private static long Sum(NativeBuffer a, NativeBuffer b, ByteKernel kernel, int row, int column, int words)
    {
        var sum = 0L;
        for (var i = 0; i < 4 * words; i++)
        {
            sum += a.Span[(i / 4 * kernel.Rows + row) * 4 + i % 4] * (sbyte)b.Span[(i / 4 * kernel.Columns + column) * 4 + i % 4];
        }
        return sum;
    }
}
