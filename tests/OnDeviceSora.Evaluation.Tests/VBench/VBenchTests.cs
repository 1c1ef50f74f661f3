using OnDeviceSora.Evaluation.VBench;
using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Tests.VBench;

/// <summary>The values themselves are held to the reference's in Goldens/metrics.</summary>
public sealed class VBenchTests
{
    [Fact]
    public void What_never_changes_scores_one()
    {
        VideoFrame[] still = [.. Enumerable.Repeat(new VideoFrame(2, 1, [1, 2, 3, 4, 5, 6]), 4)];
        Assert.Equal(1, TemporalFlickering.Score(still));
        Assert.Equal(1, MotionSmoothness.Score(still, still));
        Assert.Equal(1, FeatureConsistency.Score([[3, 4], [6, 8], [3, 4]]), 1e-12);
        Assert.False(DynamicDegree.Moves(new float[3 * 2 * 40], 5, 8));
    }

    [Fact]
    public void Opposite_features_count_nothing()
    {
        // Cosines to the frame before and to the first: -1 and -1, then -1 and 1.
        Assert.Equal(0.25, FeatureConsistency.Score([[1, 0], [-1, 0], [1, 0]]), 1e-12);
    }

    [Fact]
    public void A_fast_twentieth_of_the_picture_is_motion()
    {
        var flow = new float[4 * 2 * 400];
        for (var pair = 0; pair < 4; pair++) flow.AsSpan(pair * 800, 20).Fill(pair == 3 ? 0.4f : 0.5f);
        // 6 x 20 / 256 = 0.47 pixels a frame in one of four pairs is enough.
        Assert.True(DynamicDegree.Moves(flow, 20, 20));
        flow.AsSpan().Clear();
        flow.AsSpan(3 * 800, 20).Fill(0.4f);
        Assert.False(DynamicDegree.Moves(flow, 20, 20));
    }

    [Fact]
    public void The_best_raw_scores_make_a_total_of_one()
    {
        var best = VBenchScore.Of(VBenchDimension.All.ToDictionary(dimension => dimension.Name, dimension => dimension.Maximum));
        Assert.Equal(1, best.Total, 1e-12);
        var worst = VBenchScore.Of(VBenchDimension.All.ToDictionary(dimension => dimension.Name, dimension => dimension.Minimum));
        Assert.Equal(0, worst.Total, 1e-12);
    }

    [Fact]
    public void Too_few_frames_are_refused()
    {
        var frame = new VideoFrame(1, 1, [0, 0, 0]);
        Assert.Throws<ArgumentException>(() => TemporalFlickering.Score([frame]));
        Assert.Throws<ArgumentException>(() => MotionSmoothness.Score([frame], [frame]));
        Assert.Throws<ArgumentException>(() => FeatureConsistency.Score([[1]]));
        Assert.Throws<ArgumentException>(() => FeatureConsistency.Score([[1], [1, 2]]));
        Assert.Throws<ArgumentException>(() => DynamicDegree.Moves(new float[7], 2, 2));
    }
}
