using System.Diagnostics;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Bench.Precision;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Evaluation.Scoring;
using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Bench.Quality;

/// <summary>The same sentences and noises by every method, in turn: a machine that gets slower meanwhile does so for all of them.</summary>
/// <param name="models">The model, then its packages.</param>
/// <param name="methods">The methods, the baseline first.</param>
/// <param name="shown">Of how many sentences pictures are kept.</param>
internal sealed class QualityRun(ComparedModels models, IReadOnlyList<Method> methods, int shown)
{
    /// <summary>Generates and compares all videos.</summary>
    /// <param name="prompts">The sentences.</param>
    /// <param name="seed">The first sentence's noise; the next has the next seed.</param>
    /// <param name="steps">Denoising steps of the baseline.</param>
    /// <param name="onPrompt">Told how many sentences are done.</param>
    /// <param name="cancellation">Stops the work within one block.</param>
    /// <returns>For each method, in their order.</returns>
    public async Task<IReadOnlyList<QualityResult>> RunAsync(IReadOnlyList<Prompt> prompts, long seed, int steps, Action<int> onPrompt, CancellationToken cancellation)
    {
        await WarmAsync(prompts[0].Text, cancellation).ConfigureAwait(false);
        var samples = methods.Select(_ => new List<QualitySample>()).ToList();
        for (var i = 0; i < prompts.Count; i++)
        {
            var request = new VideoRequest { Prompt = prompts[i].Text, Seed = seed + i, Steps = steps, Leap = LeapSettings.Off };
            GeneratedVideo? reference = null;
            foreach (var (method, list) in methods.Zip(samples))
            {
                var clock = Stopwatch.StartNew();
                var video = await PipelineOf(method).GenerateAsync(method.Apply(request), null, cancellation).ConfigureAwait(false);
                var seconds = clock.Elapsed.TotalSeconds;
                reference ??= video;
                list.Add(Compare(prompts[i], reference, video, seconds, i < shown));
            }

            onPrompt(i + 1);
        }

        return [.. methods.Zip(samples, (method, list) => new QualityResult(method, list))];
    }

    /// <summary>What the clock sees is code that the compiler has finished with.</summary>
    private async Task WarmAsync(string prompt, CancellationToken cancellation)
    {
        foreach (var pipeline in models.Pipelines)
        {
            for (var i = 0; i < 2; i++) await pipeline.GenerateAsync(new VideoRequest { Prompt = prompt, MergeSteps = i }, null, cancellation).ConfigureAwait(false);
        }
    }

    private VideoPipeline PipelineOf(Method method) =>
        models.Pipelines[method.Transformer is { } precision ? models.Names.ToList().IndexOf(precision.Name()) : 0];

    private static QualitySample Compare(Prompt prompt, GeneratedVideo reference, GeneratedVideo video, double seconds, bool isShown) => new(
        prompt,
        VideoSimilarity.Of(reference.Frames, video.Frames),
        SceneScore.Of(SceneReader.Read(video.Frames, two: prompt.Scene.Beside is not null), prompt.Scene),
        MotionEnergy.Of(video.Frames),
        video.ExecutedSteps,
        video.LeapStep,
        video.Similarities,
        video.Timings[GenerationStage.Denoising].TotalSeconds,
        seconds,
        isShown ? ContactSheet.Png(video.Frames) : null);
}
