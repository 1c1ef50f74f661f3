using OnDeviceSora.Acceleration;
using OnDeviceSora.Bench.Quality;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Media;

namespace OnDeviceSora.Tests.Bench;

public sealed class QualityMethodTests
{
    private static readonly VideoRequest Request = new() { Prompt = "a red circle", Steps = 30 };

    [Fact]
    public void The_methods_are_those_of_the_papers_tables()
    {
        var methods = Method.All(30, [WeightPrecision.Int8]);
        Assert.Equal(Request, methods[0].Apply(Request));
        Assert.Equal([15, 16, 20], Applied(Method.FewerSteps).Select(request => request.Steps!.Value));
        Assert.Equal([LeapSettings.At(15), LeapSettings.At(20), LeapSettings.At(22), LeapSettings.At(24), LeapSettings.Automatic], Applied(Method.Leap).Select(request => request.Leap));
        Assert.Equal([10, 15, 20, 25, 30], Applied(Method.Merging).Select(request => request.MergeSteps));
        Assert.All(Applied(Method.Both), request => Assert.True(request.MergeSteps == 15 && request.Leap != LeapSettings.Off));
        Assert.Equal(WeightPrecision.Int8, methods[^1].Transformer);
        Assert.Equal(methods.Count, methods.Select(method => (method.Group, method.Name)).Distinct().Count());

        IEnumerable<VideoRequest> Applied(string group) => methods.Where(method => method.Group == group).Select(method => method.Apply(Request));
    }

    [Fact]
    public void Other_numbers_of_steps_are_divided_in_proportion()
    {
        var merged = Method.All(60, []).Where(method => method.Group == Method.Merging).Select(method => method.Apply(Request with { Steps = 60 }).MergeSteps);
        Assert.Equal([20, 30, 40, 50, 60], merged);
    }

    [Fact]
    public void Motion_is_the_mean_change_from_frame_to_frame()
    {
        VideoFrame[] frames = [Grey(10), Grey(13), Grey(8)];
        Assert.Equal(4, MotionEnergy.Of(frames));
        Assert.Equal(0, MotionEnergy.Of([frames[0]]));
    }

    private static VideoFrame Grey(byte level) => new(2, 2, [.. Enumerable.Repeat(level, 12)]);
}
