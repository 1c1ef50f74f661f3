using OnDeviceSora.Diffusion;

namespace OnDeviceSora.Tests.Diffusion;

public sealed class RectifiedFlowScheduleTests
{
    [Fact]
    public void Steps_cover_the_whole_way_for_every_length_of_video()
    {
        for (var frames = 1; frames <= 120; frames++)
        {
            var steps = new RectifiedFlowSchedule(30, TimestepTransform.For(64, 64, frames)).Steps;
            Assert.Equal(1000, steps[0].Timestep, 1e-3);
            Assert.Equal(1, steps.Sum(step => step.Length), 1e-5);
            for (var i = 0; i < steps.Count; i++)
            {
                Assert.InRange(steps[i].Timestep, float.Epsilon, 1000);
                Assert.Equal(steps.Skip(i).Sum(step => step.Length), steps[i].Remaining, 1e-5);
                if (i > 0) Assert.True(steps[i].Timestep < steps[i - 1].Timestep);
            }
        }
    }

    [Fact]
    public void Without_transform_the_timesteps_are_even() =>
        Assert.Equal([1000, 750, 500, 250], new RectifiedFlowSchedule(4).Steps.Select(step => step.Timestep));

    [Fact]
    public void Rounding_takes_halves_to_the_even_neighbour()
    {
        // 16 steps of 62.5: 937.5 -> 938, 812.5 -> 812, 687.5 -> 688, 562.5 -> 562.
        var steps = new RectifiedFlowSchedule(16, roundTimesteps: true).Steps;
        Assert.Equal([1000, 938, 875, 812, 750, 688, 625, 562], steps.Take(8).Select(step => step.Timestep));
    }

    [Fact]
    public void A_ratio_of_1_changes_nothing_and_a_larger_one_shifts_towards_noise()
    {
        Assert.Equal(250, new TimestepTransform(1).Apply(250), 1e-3);
        Assert.True(new TimestepTransform(2).Apply(250) > 250);
        Assert.Equal(1, TimestepTransform.For(512, 512, 1).Ratio);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(16, 4)]
    [InlineData(17, 5)]
    [InlineData(33, 5)]
    [InlineData(34, 10)]
    public void Short_videos_count_their_latent_frames_longer_ones_five_for_every_17(int frames, int counted) =>
        Assert.Equal(MathF.Sqrt(counted), TimestepTransform.For(512, 512, frames).Ratio, 1e-6);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    public void Numbers_of_steps_that_make_no_schedule_are_refused(int steps) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RectifiedFlowSchedule(steps));

    [Fact]
    public void Noise_is_mixed_in_by_the_timestep()
    {
        var mixed = new float[2];
        RectifiedFlowSchedule.AddNoise([1, 2], [10, 20], 250, mixed);
        Assert.Equal([3.25f, 6.5f], mixed);
        Assert.Throws<ArgumentException>(() => RectifiedFlowSchedule.AddNoise([1, 2], [10], 250, mixed));
    }
}
