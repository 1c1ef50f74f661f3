using OnDeviceSora.Budget;

namespace OnDeviceSora.Tests.Budget;

public sealed class MemorySizeTests
{
    [Theory]
    [InlineData("3.3GB", 3_300_000_000)]
    [InlineData("1500MB", 1_500_000_000)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData(" 0.5 gib ", 1L << 29)]
    [InlineData("1500000000", 1_500_000_000)]
    [InlineData("12k", 12_000)]
    [InlineData("7B", 7)]
    [InlineData("1.5T", 1_500_000_000_000)]
    public void Amounts_are_read(string text, long bytes) => Assert.Equal(bytes, MemorySize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("GB")]
    [InlineData("-1GB")]
    [InlineData("0")]
    [InlineData("0.4B")]
    [InlineData("3,3GB")]
    [InlineData("1e9")]
    [InlineData("3.3GBs")]
    [InlineData("NaN")]
    [InlineData("9999TB")]
    [InlineData("99999999999999999999999999999999999999GB")]
    public void Nonsense_is_refused_with_an_example(string text) =>
        Assert.Contains("3.3GB", Assert.Throws<FormatException>(() => MemorySize.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(999_000_000, "999 MB")]
    [InlineData(3_300_000_000, "3.30 GB")]
    public void Amounts_are_written(long bytes, string text) => Assert.Equal(text, MemorySize.Describe(bytes));
}
