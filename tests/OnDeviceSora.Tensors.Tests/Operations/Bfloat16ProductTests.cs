using OnDeviceSora.Tensors.Cpu;
using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

/// <summary>Products by the CPU's own bfloat16 instruction, also where the engine would rather widen the weights because the instruction is slow.</summary>
[Trait("Category", "Operations")]
public sealed class Bfloat16ProductTests
{
    [Bfloat16Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 33, 17)]
    [InlineData(15, 95, 64)]
    [InlineData(301, 517, 1153)]
    public void Products_of_bfloat16_are_exact_but_for_the_roundings_of_their_sums(int rows, int columns, int depth)
    {
        using var engine = Engine(threads: 2);
        using var a = Rounded(engine, rows, depth);
        var weights = WeightReference.Random(DataType.BF16, columns, depth, 5);
        var actual = Product(engine, a, weights, columns, depth);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var (sum, size) = (0.0, 0.0);
                for (var k = 0; k < depth; k++)
                {
                    var product = (double)a.Span[row * depth + k] * weights.Values[column * depth + k];
                    (sum, size) = (sum + product, size + Math.Abs(product));
                }
                Assert.Equal(sum, actual[row * columns + column], size * depth / (1 << 24) + 1e-30);
            }
        }
    }

    [Bfloat16Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Any_number_of_threads_gives_the_same_bits(int threads)
    {
        var weights = WeightReference.Random(DataType.BF16, 517, 401, 2);
        using ComputeEngine one = Engine(threads: 1), several = Engine(threads);
        using Tensor a = Numbers.Fill(one, 1, 301, 401), b = Numbers.Fill(several, 1, 301, 401);
        Assert.Equal(Product(one, a, weights, 517, 401), Product(several, b, weights, 517, 401));
    }

    private static ComputeEngine Engine(int threads)
    {
        var engine = new ComputeEngine(threads, VectorWidth.Bits512, NativeAllocator.Aligned, KernelCode.Emitted, multiplyBfloat16: true);
        Assert.NotNull(engine.Bfloat16Kernel);
        return engine;
    }

    private static float[] Product(ComputeEngine engine, Tensor a, WeightReference weights, int columns, int depth)
    {
        using var packed = PackedMatrix.Allocate(engine, DataType.BF16, columns, depth);
        packed.FillRows(0, weights.Stored);
        using var output = Numbers.Poisoned(engine, a.Shape[0], columns);
        MatMul.Run(engine, a, packed, output);
        return output.Span.ToArray();
    }

    private static Tensor Rounded(ComputeEngine engine, int rows, int depth)
    {
        var tensor = Numbers.Fill(engine, 1, rows, depth);
        foreach (ref var value in tensor.Span) value = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000);
        return tensor;
    }
}

/// <summary>A test that needs a CPU with AVX512-BF16.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Bfloat16TheoryAttribute : TheoryAttribute
{
    public Bfloat16TheoryAttribute() => Skip = CpuFeatures.HasAvx512Bfloat16 ? null : "this CPU does not multiply bfloat16";
}
