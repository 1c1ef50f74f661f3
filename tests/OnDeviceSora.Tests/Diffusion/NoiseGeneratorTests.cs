using OnDeviceSora.Diffusion;

namespace OnDeviceSora.Tests.Diffusion;

public sealed class NoiseGeneratorTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(1000)]
    public void The_same_seed_gives_the_same_noise(int length) => Assert.Equal(Draw(7, length), Draw(7, length));

    [Fact]
    public void Different_seeds_give_different_noise() => Assert.NotEqual(Draw(7, 100), Draw(8, 100));

    [Fact]
    public void Only_the_low_32_bits_of_a_seed_count() => Assert.Equal(Draw(7, 100), Draw(7 + (1L << 32), 100));

    [Fact]
    public void Negative_seeds_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new NoiseGenerator(-1));

    [Fact]
    public void Short_draws_keep_the_second_value_of_a_pair_for_the_next_draw()
    {
        var split = new NoiseGenerator(3);
        var first = new float[3];
        var second = new float[4];
        split.FillNormal(first);
        split.FillNormal(second);
        Assert.Equal(Draw(3, 7), first.Concat(second));
    }

    [Fact]
    public void A_length_beyond_a_multiple_of_16_draws_its_last_16_values_anew()
    {
        // The blocks before the tail are those of the shorter draw.
        Assert.Equal(Draw(5, 32)[..17], Draw(5, 33)[..17]);
        Assert.NotEqual(Draw(5, 32)[17..], Draw(5, 33)[17..32]);
    }

    [Fact]
    public void Noise_is_finite_with_mean_0_and_variance_1()
    {
        var values = Draw(1, 200_000);
        Assert.All(values, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(0, values.Average(v => (double)v), 0.01);
        Assert.Equal(1, values.Average(v => (double)v * v), 0.02);
    }

    private static float[] Draw(long seed, int length)
    {
        var values = new float[length];
        new NoiseGenerator(seed).FillNormal(values);
        return values;
    }
}
