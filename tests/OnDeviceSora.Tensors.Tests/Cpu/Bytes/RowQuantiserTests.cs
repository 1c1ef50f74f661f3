using OnDeviceSora.Tensors.Cpu.Bytes;

namespace OnDeviceSora.Tensors.Tests.Cpu.Bytes;

[Trait("Category", "Operations")]
public unsafe class RowQuantiserTests
{
    private static readonly int[] Lengths = [0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 47, 64, 100, 1152];

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Every_value_is_within_half_a_unit_and_zero_is_exact(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var length in Lengths)
        {
            foreach (var (low, high) in ((float, float)[])[(-1, 1), (-0.17f, 3), (2, 5), (-5, -2), (-1e-30f, 1e-30f), (-1e30f, 3e30f), (0, 0)])
            {
                var values = Numbers.Of(length, length, low, high);
                if (length > 4) values[3] = 0;
                Check(engine, values);
            }
        }
    }

    [Fact]
    public void A_row_spreads_over_all_bytes()
    {
        using var engine = new ComputeEngine();
        var (bytes, scale, zero) = Quantise(engine, [-1, 0, 3, 4.1f]);
        Assert.Equal([0, 50, 200, 255], bytes);
        Assert.Equal((50, 0.02f), (zero, scale));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_shows_in_the_scale(float value)
    {
        using var engine = new ComputeEngine();
        foreach (var length in Lengths[1..])
        {
            foreach (var at in (int[])[0, length / 2, length - 1])
            {
                var values = Numbers.Of(length, 1);
                values[at] = value;
                Assert.False(float.IsFinite(Quantise(engine, values).Scale), $"{value} at {at} of {length}");
            }
        }
    }

    private static void Check(ComputeEngine engine, float[] values)
    {
        var (bytes, scale, zero) = Quantise(engine, values);
        Assert.InRange(zero, 0, 255);
        for (var i = 0; i < values.Length; i++)
        {
            var meant = (bytes[i] - zero) * (double)scale;
            if (values[i] == 0) Assert.Equal(0, meant);
            // Half a unit, and for the ends of the range what rounding the zero moved it by.
            Assert.InRange(meant - values[i], -scale * 0.5001, scale * 0.5001 + (zero is 0 or 255 ? 0 : scale * 0.5));
        }
        for (var i = values.Length; i < bytes.Length; i++) Assert.Equal(0, bytes[i]);
    }

    private static (byte[] Bytes, float Scale, int Zero) Quantise(ComputeEngine engine, float[] values)
    {
        using var row = engine.From(values, values.Length);
        using var bytes = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, (values.Length + 3) / 4 * 4);
        RowQuantiser.Run(row.Pointer, values.Length, (byte*)bytes.Pointer, out var scale, out var zero);
        return (bytes.Span.ToArray(), scale, zero);
    }
}
