using OnDeviceSora.Evaluation.Scoring;
using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Tests.Pipeline;

public sealed class EmbeddedModelSceneTests
{
    [Theory]
    [InlineData(false, Wording.Usual)]
    [InlineData(true, Wording.Usual)]
    [InlineData(false, Wording.Free)]
    public async Task Videos_show_what_the_sentences_say(bool two, Wording wording)
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var scores = new List<SceneScore>();
        foreach (var (text, scene) in Prompt.Draw(8, seed: 11, two, wording))
        {
            var video = await pipeline.GenerateAsync(new VideoRequest { Prompt = text, Seed = 5 });
            scores.Add(SceneScore.Of(SceneReader.Read(video.Frames, two), scene));
        }

        var mean = SceneScore.Mean(scores);
        Assert.InRange(mean.Background, 0.95, 1);
        Assert.InRange(mean.Colour, 0.92, 1);
        Assert.InRange(mean.Motion, 0.88, 1);
        Assert.InRange(mean.Figure, 0.80, 1);
    }
}
