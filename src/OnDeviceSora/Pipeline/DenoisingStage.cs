using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Media;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline;

/// <summary>The second stage: noise becomes latents.</summary>
/// <param name="engine">Where to compute.</param>
/// <param name="model">The open model folder.</param>
/// <param name="options">How the transformer's blocks come into memory.</param>
/// <param name="plan">What to keep in memory.</param>
internal sealed class DenoisingStage(ComputeEngine engine, ModelFolder model, PipelineOptions options, GenerationPlan plan)
{
    /// <summary>The frame rate by which the model knows a still picture.</summary>
    private const float StillPictureRate = 120;

    /// <summary>Samples latents. The transformer's weights are held only meanwhile.</summary>
    /// <param name="request">A complete request.</param>
    /// <param name="features">Caption features <c>[1, tokens, caption channels]</c>.</param>
    /// <param name="saving">Where an earlier process stopped, and where the state goes after each step.</param>
    /// <param name="reporter">Receives progress by step.</param>
    /// <param name="cancellation">Looked at before every block.</param>
    public VideoLatents Sample(
        VideoRequest request, Tensor features, SavedSampling saving, ProgressReporter reporter, CancellationToken cancellation)
    {
        saving.BeginDenoising(request, reporter);
        var passes = request.Steps!.Value - saving.CompletedSteps;
        using var transformer = STDiT3.Load(engine, model.Transformer, model.Config.Transformer, options.StreamingFor(passes, plan.Stage(PlannedStage.Denoising).ActivationBytes));
        transformer.Slices = plan.Slices;
        var rate = request.Frames == 1 ? StillPictureRate : request.FramesPerSecond!.Value;
        var video = new VideoGeometry(request.Height!.Value, request.Width!.Value, rate);
        using var text = EmbedCaptions(transformer, features);
        using var conditioned = new ConditionedSTDiT3(transformer, text, video);

        var size = LatentSize.Of(model.Config.Vae, request.Frames!.Value, request.Height.Value, request.Width.Value);
        using var latents = engine.Allocate(1, model.Config.Vae.LatentChannels, size.Frames, size.Height, size.Width);
        if (saving.Start is null) new NoiseGenerator(request.Seed).FillNormal(latents.Span);
        else saving.Restore(latents);
        var result = new RectifiedFlowSampler(engine, conditioned).Run(
            latents,
            SettingsFor(request) with { Start = saving.Start },
            report =>
            {
                FiniteValues.Require(report.Latents.Span, model, "transformer");
                saving.StepDone(report, reporter);
                reporter.Report(report.Step.Index + 1, report.Similarity, report.Leapt, reporter.IsHeard ? Preview(report) : null);
            },
            cancellation);
        reporter.End();
        return new VideoLatents(latents.Span.ToArray(), latents.Shape[1], size.Frames, size.Height, size.Width, request)
        {
            Sampling = new SamplingSummary(result.ExecutedSteps, result.LeapStep, result.Similarities, reporter.Timings),
        };
    }

    /// <summary>Prompt and null prompt in one batch. The null prompt is cut to the prompt's length, as the reference does.</summary>
    private TextConditioning EmbedCaptions(STDiT3 transformer, Tensor features)
    {
        var (tokens, channels) = (features.Shape[1], features.Shape[2]);
        using var both = engine.Allocate(2, tokens, channels);
        both.Slice(0, 1).CopyFrom(features);
        both.Slice(1, 1).CopyFrom(transformer.Caption.Null.Slice(0, tokens));
        return transformer.Caption.Run(engine, both, [.. Enumerable.Repeat(true, 2 * tokens)], plan.KeepsText);
    }

    /// <summary>Where the flow is heading, rather than where it is: that would be noise until the end.</summary>
    private IReadOnlyList<VideoFrame>? Preview(in SamplingReport report)
    {
        if (options.Preview is not { } preview || preview.Channels != report.Latents.Shape[1]) return null;
        var latents = report.Latents.Span;
        var velocity = report.Velocity.Span;
        var expected = new float[latents.Length];
        for (var i = 0; i < expected.Length; i++) expected[i] = latents[i] + report.Left * velocity[i];
        return preview.Draw(expected, report.Latents.Shape[2], report.Latents.Shape[3], report.Latents.Shape[4]);
    }

    private SamplingSettings SettingsFor(VideoRequest request)
    {
        var sampling = model.Config.Sampling;
        TimestepTransform? transform = sampling.UseTimestepTransform
            ? TimestepTransform.For(request.Height!.Value, request.Width!.Value, request.Frames!.Value)
            : null;
        return new SamplingSettings
        {
            Schedule = new RectifiedFlowSchedule(request.Steps!.Value, transform, sampling.UseDiscreteTimesteps),
            Guidance = new ClassifierFreeGuidance(request.GuidanceScale!.Value),
            Leap = request.Leap,
            MergeSteps = request.MergeSteps,
        };
    }
}
