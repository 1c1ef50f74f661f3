using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace OnDeviceSora.Checkpoints;

/// <summary>Converts stored little-endian numbers to single precision.</summary>
internal static class FloatConversion
{
    /// <summary>Whether elements of this type can be converted.</summary>
    public static bool Supports(ElementType type) =>
        type is ElementType.F32 or ElementType.F16 or ElementType.BF16 or ElementType.F64;

    /// <summary>Converts <paramref name="source"/>, whole elements, into as many floats.</summary>
    public static void ToSingle(ElementType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case ElementType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                FromLittleEndian(destination);
                break;
            case ElementType.F16:
                for (var i = 0; i < destination.Length; i++)
                    destination[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(source[(2 * i)..]);
                break;
            case ElementType.BF16:
                FromBFloat16(source, MemoryMarshal.Cast<float, uint>(destination));
                break;
            case ElementType.F64:
                for (var i = 0; i < destination.Length; i++)
                    destination[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(source[(8 * i)..]);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a real number type");
        }
    }

    /// <summary>Puts floats that were read as little-endian bytes into the machine's byte order.</summary>
    public static void FromLittleEndian(Span<float> values)
    {
        if (BitConverter.IsLittleEndian) return;
        var bits = MemoryMarshal.Cast<float, uint>(values);
        BinaryPrimitives.ReverseEndianness(bits, bits);
    }

    // A bfloat16 is the upper half of a float.
    private static void FromBFloat16(ReadOnlySpan<byte> source, Span<uint> destination)
    {
        var i = 0;
        if (BitConverter.IsLittleEndian)
        {
            var halves = MemoryMarshal.Cast<byte, ushort>(source);
            for (; i <= destination.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
            {
                Vector.Widen(new Vector<ushort>(halves[i..]), out var low, out var high);
                (low << 16).CopyTo(destination[i..]);
                (high << 16).CopyTo(destination[(i + Vector<uint>.Count)..]);
            }
        }

        for (; i < destination.Length; i++)
            destination[i] = (uint)BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * i)..]) << 16;
    }
}
