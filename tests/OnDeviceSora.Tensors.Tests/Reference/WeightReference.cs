using System.Buffers.Binary;

namespace OnDeviceSora.Tensors.Tests.Reference;

/// <summary>Weights in a precision: the bytes a checkpoint has, and the floats they mean, one by one.</summary>
internal sealed class WeightReference
{
    private WeightReference(DataType type, byte[] stored, float[]? scales, float[] values) =>
        (Type, Stored, Scales, Values) = (type, stored, scales, values);

    public DataType Type { get; }

    /// <summary>Row-major, little-endian.</summary>
    public byte[] Stored { get; }

    /// <summary>One for each row, of 8-bit integers alone.</summary>
    public float[]? Scales { get; }

    public float[] Values { get; }

    public static int Size(DataType type) => type switch { DataType.F32 => 4, DataType.I8 => 1, _ => 2 };

    /// <summary>Seeded weights of every size that the precision has, down to subnormal ones.</summary>
    public static WeightReference Random(DataType type, int rows, int depth, int seed)
    {
        var random = new Random(seed);
        var count = rows * depth;
        var stored = new byte[(long)count * Size(type)];
        var scales = type == DataType.I8 ? Numbers.Of(rows, seed + 1, 0.001f, 0.02f) : null;
        for (var i = 0; i < count; i++)
        {
            var value = (random.NextSingle() - 0.4f) * MathF.Pow(2, random.Next(-22, 1));
            var at = stored.AsSpan(i * Size(type));
            switch (type)
            {
                case DataType.F32: BinaryPrimitives.WriteSingleLittleEndian(at, value); break;
                case DataType.BF16: BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)); break;
                case DataType.F16: BinaryPrimitives.WriteHalfLittleEndian(at, (Half)value); break;
                default: at[0] = (byte)random.Next(256); break;
            }
        }
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = Value(type, stored.AsSpan(i * Size(type)), scales is null ? 1 : scales[i / depth]);
        return new WeightReference(type, stored, scales, values);
    }

    private static float Value(DataType type, ReadOnlySpan<byte> at, float scale) => type switch
    {
        DataType.F32 => BinaryPrimitives.ReadSingleLittleEndian(at),
        DataType.BF16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(at) << 16),
        DataType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(at),
        _ => (sbyte)at[0] * scale,
    };
}
