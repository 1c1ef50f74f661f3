using System.Buffers.Binary;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Goldens;

/// <summary>A tensor of a golden's data file, read whole.</summary>
internal sealed class GoldenTensor(SafetensorsFile file, TensorInfo info)
{
    /// <summary>Its name, with the role in front: <c>in.</c>, <c>mid.</c> or <c>out.</c></summary>
    public string Name => info.Name;

    /// <summary>Its extents.</summary>
    public int[] Shape { get; } = [.. info.Shape.Select(extent => checked((int)extent))];

    /// <summary>Its elements as single-precision numbers.</summary>
    public float[] Floats()
    {
        if (info.ElementType is ElementType.I64 or ElementType.U8 or ElementType.Bool) return [.. Integers().Select(i => (float)i)];
        var values = new float[info.Elements];
        file.ReadAsFloat32(info, values);
        return values;
    }

    /// <summary>Its elements as integers.</summary>
    public long[] Integers()
    {
        var bytes = new byte[info.ByteLength];
        file.ReadBytes(info, 0, bytes);
        return info.ElementType switch
        {
            ElementType.I64 => [.. Enumerable.Range(0, bytes.Length / 8).Select(i => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8 * i)))],
            ElementType.U8 or ElementType.Bool => [.. bytes.Select(b => (long)b)],
            _ => throw new GoldenMismatchException($"{Name} is {info.ElementType}, not integers."),
        };
    }

    /// <summary>Its elements as truth values: false where 0.</summary>
    public bool[] Flags() => [.. Integers().Select(i => i != 0)];
}
