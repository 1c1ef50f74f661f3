using OnDeviceSora.Acceleration;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Acceleration;

public sealed class LinearProportionalLeapTests : IDisposable
{
    private readonly ComputeEngine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void Off_never_leaps() => Assert.Null(LeapStep(LeapSettings.Off, 50, _ => 0));

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public void Fixed_leaps_at_its_step(int step) => Assert.Equal(step, LeapStep(LeapSettings.At(step), 30, _ => 1));

    [Fact]
    public void Dynamic_leaps_three_steps_after_the_last_rise() =>
        Assert.Equal(17, LeapStep(LeapSettings.Automatic, 50, _ => 0.5));

    [Fact]
    public void Dynamic_leaps_a_step_earlier_when_no_similarity_ever_counts_as_a_rise() =>
        Assert.Equal(16, LeapStep(LeapSettings.Automatic, 50, _ => 0.0005));

    [Fact]
    public void A_rise_by_no_more_than_the_tolerance_does_not_reset_patience() =>
        Assert.Equal(17, LeapStep(LeapSettings.Automatic, 50, step => 0.5 + 0.0003 * (step - 14)));

    [Fact]
    public void A_rise_beyond_the_tolerance_resets_patience() =>
        Assert.Equal(23, LeapStep(LeapSettings.Automatic, 50, step => step < 20 ? 0.5 + 0.01 * (step - 14) : 0.6));

    [Fact]
    public void Rises_before_the_minimum_steps_do_not_count() =>
        Assert.Equal(17, LeapStep(LeapSettings.Automatic, 50, step => step < 14 ? 0.9 : 0.5));

    [Fact]
    public void Minimum_steps_tolerance_and_patience_can_be_chosen()
    {
        var rule = new LeapSettings.Dynamic { MinimumSteps = 4, Tolerance = 0.1f, Patience = 1 };
        Assert.Equal(6, LeapStep(rule, 50, step => step <= 5 ? 0.2 * (step - 3) : 0.45));
    }

    [Fact]
    public void Similarities_that_rise_to_the_end_never_leap() =>
        Assert.Null(LeapStep(LeapSettings.Automatic, 40, step => 0.02 * step));

    [Fact]
    public void Similarity_is_the_mean_over_rows_of_the_first_channel_and_frame()
    {
        var leap = new LinearProportionalLeap(LeapSettings.Off);
        // Two channels, two frames, two rows, two columns; only the first four numbers count.
        leap.ShouldLeap(0, Drift([1, 0, 0, 2, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]));
        Assert.Null(leap.LastSimilarity);
        leap.ShouldLeap(1, Drift([3, 0, 4, 3, -9, 1, -9, 1, -9, 1, -9, 1, -9, 1, -9, 1]));
        Assert.Equal((1 + 0.6) / 2, leap.LastSimilarity!.Value, 1e-6);
    }

    [Fact]
    public void A_drift_of_zeros_has_similarity_0()
    {
        var leap = new LinearProportionalLeap(LeapSettings.Off);
        leap.ShouldLeap(0, Drift(new float[16]));
        leap.ShouldLeap(1, Drift(new float[16]));
        Assert.Equal(0, leap.LastSimilarity);
    }

    public static TheoryData<LeapSettings> Impossible() =>
    [
        LeapSettings.At(-1),
        new LeapSettings.Dynamic { MinimumSteps = 0 },
        new LeapSettings.Dynamic { Tolerance = -0.1f },
        new LeapSettings.Dynamic { Tolerance = float.NaN },
        new LeapSettings.Dynamic { Patience = 0 },
    ];

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Impossible_settings_are_refused(LeapSettings settings) =>
        Assert.Equal("Leap", Assert.Throws<InvalidRequestException>(() => new LinearProportionalLeap(settings)).Parameter);

    /// <summary>The step that leaps when step i's drift has a given cosine to the one before it.</summary>
    private int? LeapStep(LeapSettings settings, int steps, Func<int, double> cosineAt)
    {
        var leap = new LinearProportionalLeap(settings);
        var angle = 0.0;
        for (var i = 0; i < steps; i++)
        {
            if (i > 0) angle += Math.Acos(cosineAt(i));
            using var drift = _engine.From([(float)Math.Cos(angle), (float)Math.Sin(angle)], 1, 1, 1, 1, 2);
            if (leap.ShouldLeap(i, drift)) return i;
        }
        return null;
    }

    private Tensor Drift(float[] values) => _engine.From(values, 1, 2, 2, 2, 2);
}
