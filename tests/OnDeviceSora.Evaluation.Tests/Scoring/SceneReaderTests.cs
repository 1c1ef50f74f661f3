using OnDeviceSora.Evaluation.Scoring;
using OnDeviceSora.Evaluation.Tests.World;
using OnDeviceSora.Evaluation.World;
using OnDeviceSora.Media;
using Xunit.Abstractions;

namespace OnDeviceSora.Evaluation.Tests.Scoring;

public sealed class SceneReaderTests(ITestOutputHelper output)
{
    private const double Enough = 0.98;

    [Fact]
    public void Reads_the_clips_that_the_training_s_world_drew() =>
        RequireRight([.. PythonClips.All.Select(clip => SceneScore.Of(SceneReader.Read(clip.Frames), clip.Scene))]);

    [Fact]
    public void Reads_clips_drawn_here()
    {
        var random = new Random(7);
        RequireRight([.. Enumerable.Range(0, 60).Select(i =>
        {
            var scene = Scene.Draw(random, heldOut: i % 3 == 2);
            return SceneScore.Of(SceneReader.Read(Clip.Draw(scene, random)), scene);
        })]);
    }

    [Fact]
    public void Reads_two_things_beside_one_another()
    {
        var random = new Random(8);
        RequireRight([.. Enumerable.Range(0, 60).Select(i =>
        {
            var scene = Scene.DrawTwo(random, heldOut: i % 3 == 2);
            var seen = SceneReader.Read(Clip.Draw(scene, random), two: true);
            var score = SceneScore.Of(seen, scene);
            if (score.AllFour < 1) output.WriteLine($"{scene} was read as {seen}");
            return score;
        })]);
    }

    [Fact]
    public void Sees_nothing_in_front_of_an_empty_background()
    {
        foreach (var background in Enum.GetValues<Background>())
        {
            var outside = new Place(-50, -50, 5);
            var empty = Clip.Draw(new Scene(background, new Thing(Colour.Red, Figure.Circle, Size.Small, Motion.Still)), outside);
            Assert.Equal(new SceneReading(background), SceneReader.Read([.. Enumerable.Repeat(empty, Clip.Frames)]));
        }
    }

    [Fact]
    public void Each_part_that_differs_from_the_scene_is_counted_wrong()
    {
        var scene = new Scene(Background.Sea, new Thing(Colour.Red, Figure.Star, Size.Big, Motion.Left));
        var seen = SceneReader.Read(Clip.Draw(scene, new Random(1)));
        Assert.Equal(new SceneScore(1, 1, 1, 1, 1, 1), SceneScore.Of(seen, scene));
        Assert.Equal(new SceneScore(0, 1, 1, 1, 1, 0), SceneScore.Of(seen, scene with { Background = Background.Desert }));
        Assert.Equal(new SceneScore(1, 0, 0, 1, 1, 0), SceneScore.Of(seen, scene with { Thing = scene.Thing with { Colour = Colour.Blue, Figure = Figure.Ring } }));
        Assert.Equal(new SceneScore(1, 1, 1, 0, 1, 1), SceneScore.Of(seen, scene with { Thing = scene.Thing with { Size = Size.Small } }));
        Assert.Equal(new SceneScore(1, 1, 1, 1, 0, 0), SceneScore.Of(seen, scene with { Thing = scene.Thing with { Motion = Motion.Right } }));
    }

    [Fact]
    public void Noise_is_read_without_failing()
    {
        var random = new Random(3);
        var frames = Enumerable.Range(0, 8).Select(_ =>
        {
            var rgb = new byte[3 * Clip.Side * Clip.Side];
            random.NextBytes(rgb);
            return new VideoFrame(Clip.Side, Clip.Side, rgb);
        });
        Assert.NotNull(SceneReader.Read([.. frames]));
    }

    [Theory]
    [InlineData(7, 64, "7 frames")]
    [InlineData(8, 32, "32x32")]
    public void Refuses_clips_of_another_size(int count, int side, string message)
    {
        var frame = new VideoFrame(side, side, new byte[3 * side * side]);
        var error = Assert.Throws<ArgumentException>(() => SceneReader.Read([.. Enumerable.Repeat(frame, count)]));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private void RequireRight(SceneScore[] scores)
    {
        var mean = SceneScore.Mean(scores);
        output.WriteLine(mean.ToString());
        Assert.All([mean.Background, mean.Colour, mean.Figure, mean.Size, mean.Motion], share => Assert.InRange(share, Enough, 1));
    }
}
