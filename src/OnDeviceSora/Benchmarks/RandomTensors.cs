using System.Runtime.InteropServices;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Benchmarks;

/// <summary>Seeded random contents: a few thousand numbers over and over, since timing only needs them to be ordinary.</summary>
internal static class RandomTensors
{
    /// <summary>Deviation of 8-bit weights, so that the largest of <see cref="Normals"/> is 127.</summary>
    private const float IntegerDeviation = sbyte.MaxValue / Largest;

    private const float Largest = 4;
    private const int RowsAtATime = 32;

    // A prime number of them: rows differ.
    private static readonly float[] Normals = Draw(65_537);
    private static readonly ushort[] Bfloat16s = [.. Normals.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
    private static readonly sbyte[] Integers = [.. Normals.Select(value => (sbyte)(IntegerDeviation * value))];

    /// <summary>A tensor of normal numbers.</summary>
    public static Tensor Normal(ComputeEngine engine, float deviation, params ReadOnlySpan<int> shape)
    {
        var tensor = engine.Allocate(shape);
        Repeat(Normals, 0, tensor.Span);
        foreach (ref var value in tensor.Span) value *= deviation;
        return tensor;
    }

    /// <summary>A linear layer whose outputs are about as large as its inputs, or larger by a power of two.</summary>
    public static Linear Linear(ComputeEngine engine, ProductPrecision precision, int inputs, int outputs, bool bias = true) =>
        new(Matrix(engine, precision, outputs, inputs), bias ? Normal(engine, 0.1f, outputs) : null);

    /// <summary>Packed weights of deviation 1 / sqrt(<paramref name="depth"/>).</summary>
    public static PackedMatrix Matrix(ComputeEngine engine, ProductPrecision precision, int columns, int depth)
    {
        var weights = PackedMatrix.Allocate(engine, precision.Weights(), columns, depth);
        var deviation = 1 / MathF.Sqrt(depth);
        switch (precision)
        {
            case ProductPrecision.Int8:
                Fill(weights, Integers);
                weights.FillScales([.. Enumerable.Repeat(deviation / IntegerDeviation, columns)]);
                break;
            case ProductPrecision.Bf16: Fill(weights, [.. Bfloat16s.Select(value => Scaled(value, deviation))]); break;
            default: Fill(weights, [.. Normals.Select(value => deviation * value)]); break;
        }
        return weights;
    }

    private static ushort Scaled(ushort bfloat16, float factor) =>
        (ushort)(BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle((uint)bfloat16 << 16) * factor) >> 16);

    private static void Fill<T>(PackedMatrix weights, T[] numbers)
        where T : unmanaged
    {
        var rows = new T[RowsAtATime * weights.Depth];
        for (var row = 0; row < weights.Columns; row += RowsAtATime)
        {
            var some = rows.AsSpan(0, Math.Min(RowsAtATime, weights.Columns - row) * weights.Depth);
            Repeat(numbers, (long)row * weights.Depth, some);
            weights.FillRows(row, MemoryMarshal.AsBytes(some));
        }
    }

    private static void Repeat<T>(T[] numbers, long first, Span<T> target)
    {
        for (var start = (int)(first % numbers.Length); !target.IsEmpty; start = 0)
        {
            var count = Math.Min(numbers.Length - start, target.Length);
            numbers.AsSpan(start, count).CopyTo(target);
            target = target[count..];
        }
    }

    private static float[] Draw(int count)
    {
        var random = new Random(1);
        var numbers = new float[count];
        foreach (ref var value in numbers.AsSpan())
        {
            // The sum of four uniform numbers: normal enough for timing and free of denormals; at most 3.5.
            value = 1.732f * (random.NextSingle() + random.NextSingle() + random.NextSingle() + random.NextSingle() - 2);
        }
        return numbers;
    }
}
