using OnDeviceSora.Media;
using OnDeviceSora.Previews;
using OnDeviceSora.Tests.Pipeline;

namespace OnDeviceSora.Tests.Previews;

public sealed class LatentPreviewTests : IDisposable
{
    private static readonly VideoRequest Request = new() { Prompt = "a big yellow star rising over the meadow", Frames = 17, Steps = 8 };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_preview_learns_the_colours_of_a_video()
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var samples = await pipeline.SamplePreviewAsync();
        var video = await pipeline.GenerateAsync(Request);
        var before = Error(samples.Fit(), video);
        samples.Add(video);
        var after = Error(samples.Fit(), video);

        // In 8-bit levels. This small model has seen eight colours only, so that the made-up clip says little of it: the first video teaches the rest.
        Assert.InRange(after, 0, Math.Min(20, before / 2));
    }

    [Fact]
    public async Task Every_step_shows_where_the_flow_is_heading()
    {
        using var first = VideoPipeline.Open(EmbeddedModel.Folder);
        var samples = await first.SamplePreviewAsync();
        var plain = await first.GenerateAsync(Request);
        samples.Add(plain);
        var reports = new List<GenerationProgress>();
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder, new PipelineOptions { Preview = samples.Fit() });
        var video = await pipeline.GenerateAsync(Request, new Collector(reports.Add));

        Assert.Equal(plain.Latents.Values, video.Latents.Values);
        var previews = reports.Where(report => report.Preview is not null).ToList();
        Assert.All(reports.Where(report => report.Stage != GenerationStage.Denoising), report => Assert.Null(report.Preview));
        Assert.Equal(8, previews.Count);
        Assert.All(previews, report => Assert.Equal((video.Latents.LatentFrames, 8 * LatentPreview.Detail), (report.Preview!.Count, report.Preview[0].Width)));
        Assert.True(Difference(previews[^1].Preview!, video) < Difference(previews[0].Preview!, video));
    }

    [Fact]
    public async Task Samples_are_kept_and_what_is_no_samples_is_not_taken()
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var samples = await pipeline.SamplePreviewAsync();
        samples.Save(_folder["preview.json"]);
        var again = PreviewSamples.Load(_folder["preview.json"])!;
        float[] latents = [.. Enumerable.Range(0, 4 * 2 * 3 * 3).Select(i => MathF.Sin(i))];
        Assert.Equal(samples.Fit().Draw(latents, 2, 3, 3)[1].Rgb, again.Fit().Draw(latents, 2, 3, 3)[1].Rgb);

        Assert.Null(PreviewSamples.Load(_folder["nothing.json"]));
        foreach (var text in (string[])["", "null", "{}", "[1]", """{"Channels":4,"Sums":[1,2]}""", """{"Channels":-1,"Sums":[]}"""])
            Assert.Null(PreviewSamples.Load(_folder.Write("damaged.json", text)));
        Assert.Throws<ArgumentException>(() => samples.Fit().Draw(latents, 2, 3, 4));
    }

    private static double Error(LatentPreview preview, GeneratedVideo video)
    {
        var latents = video.Latents;
        return Difference(preview.Draw(latents.Values, latents.LatentFrames, latents.LatentHeight, latents.LatentWidth), video);
    }

    /// <summary>Root mean square difference of the last picture to that of the video, shrunk to its size.</summary>
    private static double Difference(IReadOnlyList<VideoFrame> preview, GeneratedVideo video)
    {
        var (shown, frame) = (preview[^1], video.Frames[^2]);
        var factor = frame.Width / shown.Width;
        var sum = 0.0;
        for (var i = 0; i < shown.Rgb.Length; i++)
        {
            var (pixel, colour) = Math.DivRem(i, 3);
            var (y, x) = Math.DivRem(pixel, shown.Width);
            var mean = Enumerable.Range(0, factor * factor).Average(k => frame.Rgb[((y * factor + k / factor) * frame.Width + x * factor + k % factor) * 3 + colour]);
            sum += Math.Pow(mean - shown.Rgb[i], 2);
        }
        return Math.Sqrt(sum / shown.Rgb.Length);
    }
}
