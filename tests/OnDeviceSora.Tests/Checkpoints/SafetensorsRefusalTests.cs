using System.Text;
using OnDeviceSora.Checkpoints;
using static OnDeviceSora.Tests.Checkpoints.SafetensorsBytes;

namespace OnDeviceSora.Tests.Checkpoints;

/// <summary>Every way in which a safetensors file can be wrong is refused with a message of its own.</summary>
public sealed class SafetensorsRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_shorter_than_its_length_field(int bytes) =>
        Refuses(new byte[bytes], $"only {bytes} bytes long");

    [Fact]
    public void A_header_over_the_limit_of_the_format() =>
        Refuses(Prefix(100_000_001, 16), "header claims 100000001 bytes; a safetensors header has at most 100000000");

    [Fact]
    public void A_header_length_that_overflows() =>
        Refuses(Prefix(ulong.MaxValue, 16), "header claims 18446744073709551615 bytes");

    [Fact]
    public void A_header_longer_than_the_file() =>
        Refuses(Prefix(17, 16), "header claims 17 bytes but only 16 follow");

    [Fact]
    public void A_header_that_is_not_utf8() =>
        Refuses(File([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)'}'], 0), "not valid UTF-8");

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("{} x")]
    [InlineData("{}{}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\\ud800\":{}}")]
    public void A_header_that_is_not_json(string header) => Refuses(File(header, 0), "not valid JSON");

    [Theory]
    [InlineData("")]
    [InlineData(" {}")]
    [InlineData("[]")]
    public void A_header_that_does_not_start_with_a_brace(string header) =>
        Refuses(File(header, 0), "does not start with '{'");

    [Fact]
    public void A_tensor_twice() => Refuses(
        File($"{{{Tensor("a", "U8", "[1]", 0, 1)},{Tensor("a", "U8", "[1]", 1, 2)}}}", 2), "the tensor 'a' appears twice");

    [Theory]
    [InlineData("\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]", "dtype")]
    [InlineData("\"dtype\":\"U8\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,1]", "shape")]
    [InlineData("\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"data_offsets\":[0,1]", "data_offsets")]
    public void A_member_of_a_tensor_twice(string members, string key) =>
        Refuses(File($"{{\"a\":{{{members}}}}}", 1), $"tensor 'a' has '{key}' twice");

    [Fact]
    public void Metadata_twice() =>
        Refuses(File("{\"__metadata__\":{},\"__metadata__\":{}}", 0), "'__metadata__' appears twice");

    [Fact]
    public void A_metadata_key_twice() =>
        Refuses(File("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0), "has the key 'k' twice");

    [Theory]
    [InlineData("{\"__metadata__\":{\"k\":1}}", "entry 'k' is not a string")]
    [InlineData("{\"__metadata__\":{\"k\":{\"x\":\"y\"}}}", "entry 'k' is not a string")]
    [InlineData("{\"__metadata__\":[\"k\"]}", "is not an object; it must map strings to strings")]
    public void Metadata_that_is_not_text(string header, string message) => Refuses(File(header, 0), message);

    [Fact]
    public void An_unknown_type() =>
        Refuses(File($"{{{Tensor("a", "F12", "[2]", 0, 3)}}}", 3), "unknown dtype 'F12'; known are BOOL");

    [Theory]
    [InlineData("{\"shape\":[1],\"data_offsets\":[0,1]}", "no 'dtype'")]
    [InlineData("{\"dtype\":\"U8\",\"data_offsets\":[0,1]}", "no 'shape'")]
    [InlineData("{\"dtype\":\"U8\",\"shape\":[1]}", "no 'data_offsets'")]
    [InlineData("{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,1]}", "'dtype' of tensor 'a' is not a string")]
    [InlineData("{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}", "'shape' of tensor 'a' is not an array")]
    [InlineData("{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}", "has 1 'data_offsets'")]
    [InlineData("[]", "entry of tensor 'a' is not an object")]
    public void A_tensor_without_what_it_needs(string entry, string message) => Refuses(File($"{{\"a\":{entry}}}", 1), message);

    [Fact]
    public void A_shape_that_does_not_fill_its_range() => Refuses(
        File($"{{{Tensor("a", "F32", "[2,3]", 0, 20)}}}", 20), "F32 [2, 3], which takes 24 bytes, but its range 0 to 20 has 20");

    [Theory]
    [InlineData("[4294967296,4294967296]")]
    [InlineData("[9223372036854775807,2]")]
    [InlineData("[1152921504606846976]")]
    public void A_shape_whose_size_overflows(string shape) =>
        Refuses(File($"{{{Tensor("a", "F32", shape, 0, 4)}}}", 4), "overflows 64 bits");

    [Theory]
    [InlineData("[-1]", "holds the negative number -1")]
    [InlineData("[1.5]", "not a 64-bit integer")]
    [InlineData("[1e3]", "not a 64-bit integer")]
    [InlineData("[\"1\"]", "not a 64-bit integer")]
    [InlineData("[null]", "not a 64-bit integer")]
    [InlineData("[18446744073709551616]", "not a 64-bit integer")]
    public void A_shape_that_is_not_made_of_counts(string shape, string message) =>
        Refuses(File($"{{{Tensor("a", "U8", shape, 0, 1)}}}", 1), message);

    [Fact]
    public void Negative_offsets() =>
        Refuses(File($"{{{Tensor("a", "U8", "[1]", -1, 0)}}}", 1), "'data_offsets' of tensor 'a' holds the negative number -1");

    [Fact]
    public void A_range_that_ends_before_it_begins() =>
        Refuses(File($"{{{Tensor("a", "U8", "[1]", 2, 1)}}}", 2), "begins at data byte 2, after its end 1");

    [Theory]
    [InlineData(0, 4, 2, 6)]
    [InlineData(0, 4, 0, 4)]
    public void Ranges_that_overlap(long begin, long end, long otherBegin, long otherEnd) => Refuses(
        File($"{{{Tensor("a", "U8", "[4]", begin, end)},{Tensor("b", "U8", "[4]", otherBegin, otherEnd)}}}", 6), "must not overlap");

    [Theory]
    [InlineData(0, 2, 3, 5, "data bytes 2 to 3")]
    [InlineData(1, 3, 3, 5, "data bytes 0 to 1")]
    public void A_hole(long begin, long end, long otherBegin, long otherEnd, string message) => Refuses(
        File($"{{{Tensor("a", "U8", "[2]", begin, end)},{Tensor("b", "U8", "[2]", otherBegin, otherEnd)}}}", 5), message);

    [Fact]
    public void Bytes_after_the_last_tensor() =>
        Refuses(File($"{{{Tensor("a", "U8", "[2]", 0, 2)}}}", 5), "3 bytes follow the last tensor");

    [Fact]
    public void Data_that_is_too_short() =>
        Refuses(File($"{{{Tensor("a", "U8", "[9]", 0, 9)}}}", 5), "ends at data byte 9 but the file has only 5 bytes");

    [Fact]
    public void A_range_beyond_what_a_file_can_hold() => Refuses(
        File($"{{{Tensor("a", "U8", "[1]", long.MaxValue - 1, long.MaxValue)}}}", 1), "beyond what a file can hold");

    [Theory]
    [InlineData("F4", "[3]", 2)]
    [InlineData("F6_E2M3", "[5]", 4)]
    [InlineData("F6_E3M2", "[2]", 2)]
    public void A_sub_byte_tensor_that_does_not_fill_whole_bytes(string type, string shape, long end) =>
        Refuses(File($"{{{Tensor("a", type, shape, 0, end)}}}", (int)end), "must fill whole bytes");

    [Fact]
    public void Nesting_that_is_too_deep() =>
        Refuses(File("{\"a\":{\"x\":" + new string('[', 5000) + new string(']', 5000) + "}}", 0), "not valid JSON");

    [Fact]
    public void Names_in_messages_are_short_and_harmless_to_a_terminal()
    {
        var name = "\\u001b[31m" + new string('x', 5000);
        var error = Assert.Throws<InvalidFileException>(() => Open(File($"{{{Tensor(name, "F99", "[1]", 0, 1)}}}", 1)));
        Assert.DoesNotContain('\u001b', error.Message);
        Assert.True(error.Message.Length < 1000);
    }

    [Theory]
    [InlineData("GGUF\u0003\0\0\0\0\0\0\0\0\0\0\0", "GGUF file")]
    [InlineData("PK\u0003\u0004\0\0\u0008\u0008\0\0\0\0\0\0\0\0", "ZIP archive, probably a PyTorch checkpoint")]
    [InlineData("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.", "Python pickle")]
    [InlineData("\u0089HDF\r\n\u001a\n\0\0\0\0\0\0\0\0", "HDF5 file")]
    [InlineData("\u0093NUMPY\u0001\0v\0{'descr'", "NumPy file")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "Git LFS pointer")]
    [InlineData("<!DOCTYPE html><html>", "web page")]
    public void A_file_of_another_format_is_recognised_and_never_executed(string start, string message) =>
        Refuses([.. Encoding.Latin1.GetBytes(start), .. new byte[64]], message);

    [Fact]
    public void A_missing_file_and_a_folder()
    {
        Assert.Contains("does not exist", Assert.Throws<InvalidFileException>(() => SafetensorsFile.Open(_folder.File("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("a folder", Assert.Throws<InvalidFileException>(() => SafetensorsFile.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    public void A_device_is_refused(string path)
    {
        if (!System.IO.File.Exists(path)) return; // Windows has none.
        Assert.Throws<InvalidFileException>(() => SafetensorsFile.Open(path));
        Assert.Throws<InvalidFileException>(() => ModelConfig.Load(path));
    }

    private void Refuses(byte[] bytes, string message)
    {
        var error = Assert.Throws<InvalidFileException>(() => Open(bytes));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(_folder.File("test.safetensors"), error.Path);
    }

    private void Open(byte[] bytes) => SafetensorsFile.Open(_folder.Write("test.safetensors", bytes)).Dispose();
}
