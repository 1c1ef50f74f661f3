using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Tests.World;

public sealed class ClipTests
{
    [Fact]
    public void Frames_are_those_of_the_world_the_model_was_trained_on()
    {
        foreach (var clip in PythonClips.All)
        {
            for (var frame = 0; frame < clip.Frames.Length; frame += 11)
            {
                var drawn = Clip.Draw(clip.Scene, clip.Places[frame]).Rgb;
                // Places are rounded, so a byte may fall to the other side.
                Assert.InRange(drawn.Zip(clip.Frames[frame].Rgb, (a, b) => Math.Abs(a - b)).Max(), 0, 1);
            }
        }
    }

    [Fact]
    public void Paths_are_those_of_the_world_but_for_what_a_sentence_leaves_open()
    {
        foreach (var clip in PythonClips.All.Where(clip => clip.Scene.Thing.Motion != Motion.Orbit))
        {
            var usual = MotionPath.Of(clip.Scene.Thing, Placement.Alone, default, clip.Places.Length);
            var offset = (X: clip.Places[0].X - usual[0].X, Y: clip.Places[0].Y - usual[0].Y);
            Assert.InRange(Math.Max(Math.Abs(offset.X), Math.Abs(offset.Y)), 0, 7);
            Assert.All(usual.Zip(clip.Places), pair =>
            {
                Assert.Equal(pair.Second.X, pair.First.X + offset.X, 1e-3);
                Assert.Equal(pair.Second.Y, pair.First.Y + offset.Y, 1e-3);
                Assert.Equal(pair.Second.Radius, pair.First.Radius, 1e-3);
            });
        }
    }

    [Fact]
    public void An_orbit_is_one_circle_from_about_the_top()
    {
        foreach (var clip in PythonClips.All.Where(clip => clip.Scene.Thing.Motion == Motion.Orbit))
        {
            var usual = MotionPath.Of(clip.Scene.Thing, Placement.Alone, default, clip.Places.Length);
            var (centreX, centreY) = (clip.Places.SkipLast(1).Average(p => p.X), clip.Places.SkipLast(1).Average(p => p.Y));
            var angle = Math.Atan2(clip.Places[0].Y - centreY, clip.Places[0].X - centreX) + Math.PI / 2;
            Assert.InRange(angle, -0.26, 0.26);
            var turned = MotionPath.Of(clip.Scene.Thing, Placement.Alone, new Chance(centreX - 32, centreY - 32, (float)angle), usual.Length);
            Assert.All(turned.Zip(clip.Places), pair => Assert.Equal(pair.Second.X, pair.First.X, 1e-2));
            Assert.All(turned.Zip(clip.Places), pair => Assert.Equal(pair.Second.Y, pair.First.Y, 1e-2));
        }
    }
}
