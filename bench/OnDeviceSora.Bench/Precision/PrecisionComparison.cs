using System.Diagnostics;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Evaluation.Scoring;
using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Bench.Precision;

/// <summary>The same sentences and noises through a model and packages of it, in turn.</summary>
internal static class PrecisionComparison
{
    /// <summary>Generates and compares all videos.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompts">The sentences.</param>
    /// <param name="seed">The first sentence's noise; the next has the next seed.</param>
    /// <param name="steps">Denoising steps, or <c>null</c> for the model's.</param>
    /// <param name="cancellation">Stops the work within one block.</param>
    /// <returns>For each model, in their order.</returns>
    public static async Task<IReadOnlyList<PrecisionResult>> Run(
        ComparedModels models, IReadOnlyList<Prompt> prompts, long seed, int? steps, CancellationToken cancellation)
    {
        var results = models.Names.Select(name => new PrecisionResult(name)).ToList();
        for (var i = 0; i < prompts.Count; i++)
        {
            var request = new VideoRequest { Prompt = prompts[i].Text, Seed = seed + i, Steps = steps, Leap = LeapSettings.Off };
            Sample? reference = null;
            foreach (var (pipeline, result) in models.Pipelines.Zip(results))
            {
                var sample = await Generate(pipeline, request, cancellation).ConfigureAwait(false);
                reference ??= sample;
                result.Add(Compare(prompts[i], reference, sample));
            }
        }

        return results;
    }

    private static async Task<Sample> Generate(VideoPipeline pipeline, VideoRequest request, CancellationToken cancellation)
    {
        // One step takes the whole way: the latents move by the velocity. It also warms up what the clock then sees.
        var leap = await pipeline.SampleAsync(request with { Steps = 1 }, null, cancellation).ConfigureAwait(false);
        var velocity = new float[leap.Values.Length];
        new NoiseGenerator(request.Seed).FillNormal(velocity);
        for (var i = 0; i < velocity.Length; i++) velocity[i] = leap.Values[i] - velocity[i];

        var clock = Stopwatch.StartNew();
        var video = await pipeline.GenerateAsync(request, null, cancellation).ConfigureAwait(false);
        var seconds = clock.Elapsed.TotalSeconds;
        return new Sample(velocity, video, SceneReader.Read(video.Frames), seconds);
    }

    private static PrecisionSample Compare(Prompt prompt, Sample reference, Sample sample) => new(
        prompt,
        RelativeError(reference.Velocity, sample.Velocity),
        RelativeError(reference.Video.Latents.Values, sample.Video.Latents.Values),
        VideoSimilarity.Of(reference.Video.Frames, sample.Video.Frames),
        reference.Reading,
        sample.Reading,
        sample.Seconds);

    /// <summary>The norm of the difference by the norm of the reference.</summary>
    private static double RelativeError(float[] reference, float[] actual) =>
        Math.Sqrt(reference.Zip(actual, (a, b) => ((double)a - b) * ((double)a - b)).Sum() / reference.Sum(a => (double)a * a));

    /// <summary>What a model makes of a request.</summary>
    /// <param name="Velocity">Its first velocity, from pure noise.</param>
    /// <param name="Video">The video.</param>
    /// <param name="Reading">What is seen in it.</param>
    /// <param name="Seconds">How long the video took.</param>
    private sealed record Sample(float[] Velocity, GeneratedVideo Video, SceneReading Reading, double Seconds);
}
