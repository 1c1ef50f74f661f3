namespace OnDeviceSora.Tensors.Tests.Operations;

[Trait("Category", "Operations")]
public class RopeTableTests
{
    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Each_pair_of_channels_has_its_angle_at_each_position(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        float[] frequencies = [1, 0.5f, 0.01f];
        using var table = RopeTable.Create(engine, frequencies, 5);
        Assert.Equal((5, 6), (table.Positions, table.HeadSize));
        for (var position = 0; position < 5; position++)
        {
            for (var channel = 0; channel < 6; channel++)
            {
                double angle = position * frequencies[channel / 2];
                Assert.Equal(Math.Cos(angle), table.Cosines.Span[position * 6 + channel], 1e-6);
                Assert.Equal(channel % 2 == 0 ? -Math.Sin(angle) : Math.Sin(angle), table.Sines.Span[position * 6 + channel], 1e-6);
            }
        }
    }

    [Fact]
    public void A_table_without_positions_is_empty()
    {
        using var engine = new ComputeEngine();
        using var table = RopeTable.Create(engine, [1], 0);
        Assert.Equal(0, table.Positions);
    }
}
