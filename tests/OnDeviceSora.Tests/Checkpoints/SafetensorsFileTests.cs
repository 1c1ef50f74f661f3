using System.Buffers.Binary;
using OnDeviceSora.Checkpoints;
using static OnDeviceSora.Tests.Checkpoints.SafetensorsBytes;

namespace OnDeviceSora.Tests.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("{}      ", 0)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[5,0,7],\"data_offsets\":[0,0]},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}   ", 1)]
    [InlineData("{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[4,5]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5)]
    [InlineData("{\"a\":{\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"F6_E2M3\",\"shape\":[4],\"data_offsets\":[2,5]}}", 5)]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"later\":{\"x\":[1]}},\"__metadata__\":{}}", 1)]
    public void Unusual_but_sound_headers_are_accepted(string header, int dataBytes)
    {
        using var file = SafetensorsFile.Open(_folder.Write("a.safetensors", File(header, dataBytes)));
        Assert.Equal(dataBytes, file.Tensors.Values.Sum(t => t.ByteLength));
    }

    [Theory]
    [InlineData("BOOL", 1), InlineData("U8", 1), InlineData("I8", 1), InlineData("F8_E5M2", 1), InlineData("F8_E4M3", 1)]
    [InlineData("F8_E8M0", 1), InlineData("F8_E4M3FNUZ", 1), InlineData("F8_E5M2FNUZ", 1), InlineData("I16", 2), InlineData("U16", 2)]
    [InlineData("F16", 2), InlineData("BF16", 2), InlineData("I32", 4), InlineData("U32", 4), InlineData("F32", 4)]
    [InlineData("C64", 8), InlineData("F64", 8), InlineData("I64", 8), InlineData("U64", 8)]
    public void Every_type_of_the_format_is_known(string type, int bytes)
    {
        var length = 6 * bytes;
        using var file = SafetensorsFile.Open(_folder.Write("a.safetensors", File($"{{{Tensor("a", type, "[2,3]", 0, length)}}}", length)));
        Assert.Equal(type, file.Tensors["a"].ElementType.Name());
        Assert.Equal(6, file.Tensors["a"].Elements);
    }

    [Fact]
    public void A_header_may_look_like_a_pickle_by_chance()
    {
        // A header of 0x0280 bytes: the file starts with the bytes of a pickle of protocol 2.
        using var file = SafetensorsFile.Open(_folder.Write("a.safetensors", File("{}".PadRight(0x0280), 0)));
        Assert.Empty(file.Tensors);
    }

    [Fact]
    public void Half_precision_converts_as_the_scalar_does()
    {
        var bits = Enumerable.Range(0, 65536).Select(i => (ushort)i).ToArray();
        var floats = ReadAll("F16", bits.Length, 2, (span, i) => BinaryPrimitives.WriteUInt16LittleEndian(span, bits[i]));
        for (var i = 0; i < bits.Length; i++)
            Assert.Equal(BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf(bits[i])), BitConverter.SingleToUInt32Bits(floats[i]));
    }

    [Fact]
    public void Bfloat16_is_the_upper_half_of_a_float()
    {
        // Every value, and a count that is no multiple of any vector.
        var floats = ReadAll("BF16", 65536 + 3, 2, (span, i) => BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)i));
        for (var i = 0; i < floats.Length; i++)
            Assert.Equal((uint)(ushort)i << 16, BitConverter.SingleToUInt32Bits(floats[i]));
    }

    [Fact]
    public void Doubles_are_rounded_and_keep_what_is_not_a_number()
    {
        double[] values =
        [
            0, -0.0, 1.0 / 3, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, -1e300, 1e-310, double.Epsilon,
            float.MaxValue, 1e-40, Math.PI,
        ];
        var floats = ReadAll("F64", 70_001, 8, (span, i) => BinaryPrimitives.WriteDoubleLittleEndian(span, values[i % values.Length]));
        for (var i = 0; i < floats.Length; i++)
            Assert.Equal(BitConverter.SingleToUInt32Bits((float)values[i % values.Length]), BitConverter.SingleToUInt32Bits(floats[i]));
    }

    [Fact]
    public void Single_precision_keeps_every_bit()
    {
        uint[] bits = [0, 0x80000000, 1, 0x7f800000, 0xff800000, 0x7fc00001, 0x3f800000, 0x007fffff];
        var floats = ReadAll("F32", 99, 4, (span, i) => BinaryPrimitives.WriteUInt32LittleEndian(span, bits[i % bits.Length]));
        for (var i = 0; i < floats.Length; i++) Assert.Equal(bits[i % bits.Length], BitConverter.SingleToUInt32Bits(floats[i]));
    }

    [Fact]
    public void Integers_are_not_taken_for_weights()
    {
        using var file = SafetensorsFile.Open(_folder.Write("a.safetensors", File($"{{{Tensor("a", "I32", "[2]", 0, 8)}}}", 8)));
        var error = Assert.Throws<InvalidFileException>(() => file.ReadAsFloat32(file.Tensors["a"], new float[2]));
        Assert.Contains("'a' is I32; weights must be F32, F16, BF16 or F64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_are_read_from_anywhere_inside_a_tensor_and_nowhere_else()
    {
        var bytes = File($"{{{Tensor("a", "U8", "[3]", 0, 3)},{Tensor("b", "U8", "[5]", 3, 8)}}}", 8);
        for (var i = 0; i < 8; i++) bytes[^(8 - i)] = (byte)i;
        using var file = SafetensorsFile.Open(_folder.Write("a.safetensors", bytes));
        var read = new byte[3];
        file.ReadBytes(file.Tensors["b"], 2, read);
        Assert.Equal([5, 6, 7], read);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadBytes(file.Tensors["b"], 3, read));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadBytes(file.Tensors["b"], -1, read));
    }

    [Fact]
    public void A_file_that_shrinks_while_open_is_an_error()
    {
        var path = _folder.Write("a.safetensors", File($"{{{Tensor("a", "F32", "[100]", 0, 400)}}}", 400));
        using var file = SafetensorsFile.Open(path);
        using (var other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) other.SetLength(200);
        var error = Assert.Throws<InvalidFileException>(() => file.ReadAsFloat32(file.Tensors["a"], new float[100]));
        Assert.Contains("changed while it was open", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_written_to_while_open_is_an_error()
    {
        var path = _folder.Write("a.safetensors", File($"{{{Tensor("a", "F32", "[100]", 0, 400)}}}", 400));
        using var file = SafetensorsFile.Open(path);
        System.IO.File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));
        var error = Assert.Throws<InvalidFileException>(() => file.ReadBytes(file.Tensors["a"], 0, new byte[4]));
        Assert.Contains("written to while it was open", error.Message, StringComparison.Ordinal);
    }

    private delegate void WriteElement(Span<byte> destination, int index);

    private float[] ReadAll(string type, int count, int size, WriteElement write)
    {
        var bytes = File($"{{{Tensor("a", type, $"[{count}]", 0, (long)count * size)}}}", count * size);
        for (var i = 0; i < count; i++) write(bytes.AsSpan(bytes.Length - ((count - i) * size)), i);
        using var file = SafetensorsFile.Open(_folder.Write("a.safetensors", bytes));
        var floats = new float[count];
        file.ReadAsFloat32(file.Tensors["a"], floats);
        return floats;
    }
}
