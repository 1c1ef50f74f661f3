using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors.Tests.Cpu;

[Trait("Category", "Operations")]
public unsafe class Bfloat16RoundingTests
{
    [Theory]
    [InlineData(0x3F800000u, 0x3F80)]
    [InlineData(0x3F808000u, 0x3F80)]
    [InlineData(0x3F808001u, 0x3F81)]
    [InlineData(0x3F818000u, 0x3F82)]
    [InlineData(0xBF818000u, 0xBF82)]
    [InlineData(0x7F7FFFFFu, 0x7F80)]
    [InlineData(0x7F800000u, 0x7F80)]
    [InlineData(0x80000000u, 0x8000)]
    [InlineData(0x00008000u, 0x0000)]
    [InlineData(0x7F800001u, 0x7FC0)]
    [InlineData(0xFFFFFFFFu, 0xFFFF)]
    public void Ties_go_to_even_and_NaN_stays(uint bits, int expected)
    {
        // Wide enough for every vector and a rest, in both rows of the pair.
        const int width = 35;
        var (panel, pairs) = (new float[3 * width], new uint[2 * width]);
        Array.Fill(panel, BitConverter.UInt32BitsToSingle(bits));
        fixed (float* from = panel)
        fixed (uint* to = pairs)
        {
            Bfloat16Rounding.JoinPairs(from, 3, width, to);
        }
        Assert.All(pairs[..width], pair => Assert.Equal((uint)(expected << 16 | expected), pair));
        Assert.All(pairs[width..], pair => Assert.Equal((uint)expected, pair));
    }
}
