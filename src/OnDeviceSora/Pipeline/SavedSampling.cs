using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline;

/// <summary>
/// A sampling between the stages and its <see cref="GenerationCheckpoint"/>: what an earlier process left, and saving what
/// this one does. Without a checkpoint everything starts anew and nothing is saved.
/// </summary>
internal sealed class SavedSampling
{
    private readonly GenerationCheckpoint? _checkpoint;
    private readonly GenerationState? _start;

    private SavedSampling(GenerationCheckpoint? checkpoint, GenerationState? start) => (_checkpoint, _start) = (checkpoint, start);

    /// <summary>Where the sampler goes on; <c>null</c> for noise.</summary>
    public SamplingState? Start => _start?.Sampling;

    /// <summary>Denoising steps that an earlier process did.</summary>
    public int CompletedSteps => _start?.CompletedSteps ?? 0;

    /// <summary>Begins, or finds where an earlier process stopped.</summary>
    /// <param name="checkpoint">Where states are saved; <c>null</c> for nowhere.</param>
    /// <param name="request">A complete request.</param>
    /// <param name="fingerprint">The model's name and hash.</param>
    /// <param name="model">The model.</param>
    /// <param name="decodeTile">Tiles of the decoding, saved for whoever goes on.</param>
    public static SavedSampling Begin(GenerationCheckpoint? checkpoint, VideoRequest request, string fingerprint, ModelFolder model, int? decodeTile)
    {
        var start = checkpoint?.Begin(request, fingerprint, model.Path, decodeTile);
        if (start is not null) Check(start, model.Config, checkpoint!.Folder);
        return new SavedSampling(checkpoint, start);
    }

    /// <summary>The latents, when the sampling was already at its end.</summary>
    public VideoLatents? Finished()
    {
        if (_start is not { IsSampled: true, Sampling: { } sampling, Latents: { } latents }) return null;
        return latents with
        {
            Sampling = new SamplingSummary(sampling.CompletedSteps, sampling.LeapStep, sampling.Similarities, _start.Timings),
            DecodeTile = _start.DecodeTile,
        };
    }

    /// <summary>The caption features that were saved, a new tensor <c>[1, tokens, channels]</c>; <c>null</c> when there are none.</summary>
    public Tensor? Caption(ComputeEngine engine, ProgressReporter reporter)
    {
        if (_start?.Caption is not { } caption) return null;
        reporter.Finished(GenerationStage.TextEncoding, _start.Timings.GetValueOrDefault(GenerationStage.TextEncoding));
        return engine.From(caption.Values, 1, caption.Tokens, caption.Channels);
    }

    /// <summary>Saves the caption features, so that the text encoder need not run again.</summary>
    public void Encoded(Tensor features, ProgressReporter reporter)
    {
        if (_checkpoint?.State is not { Caption: null } state) return;
        _checkpoint.Save(state with
        {
            Caption = new CaptionFeatures(features.Span.ToArray(), features.Shape[1], features.Shape[2]),
            Timings = reporter.Timings,
        });
    }

    /// <summary>Tells the reporter where the denoising begins.</summary>
    public void BeginDenoising(VideoRequest request, ProgressReporter reporter) => reporter.Begin(
        GenerationStage.Denoising, request.Leap.MostSteps(request.Steps!.Value), CompletedSteps, _start?.Timings.GetValueOrDefault(GenerationStage.Denoising) ?? default);

    /// <summary>Puts the saved latents in place of noise.</summary>
    public void Restore(Tensor latents) => _start!.Latents!.Values.CopyTo(latents.Span);

    /// <summary>Saves the state after a step.</summary>
    public void StepDone(in SamplingReport report, ProgressReporter reporter)
    {
        if (_checkpoint?.State is not { } state) return;
        var shape = report.Latents.Shape;
        _checkpoint.Save(state with
        {
            Latents = new VideoLatents(report.Latents.Span.ToArray(), shape[1], shape[2], shape[3], shape[4], state.Request),
            Sampling = report.State,
            Timings = new Dictionary<GenerationStage, TimeSpan>(reporter.Timings) { [GenerationStage.Denoising] = reporter.StageTime },
        });
    }

    /// <summary>A state whose hash is right may still come from a model of other sizes that has the same fingerprint.</summary>
    private static void Check(GenerationState state, ModelConfig config, string folder)
    {
        var (request, problem) = (state.Request, (string?)null);
        if (state.Caption is { } caption && (caption.Channels != config.Transformer.CaptionChannels || caption.Tokens > config.Transformer.ModelMaxLength))
            problem = $"caption features are {caption.Tokens} x {caption.Channels}";
        if (state.Latents is { } latents)
        {
            var size = LatentSize.Of(config.Vae, request.Frames!.Value, request.Height!.Value, request.Width!.Value);
            if (latents.Channels != config.Vae.LatentChannels || size != new LatentSize(latents.LatentFrames, latents.LatentHeight, latents.LatentWidth))
                problem = $"latents are {latents.Channels} x {latents.LatentFrames} x {latents.LatentHeight} x {latents.LatentWidth}";
        }
        if (problem is not null) throw new InvalidFileException(folder, $"the saved {problem}, which does not fit the model and the request");
    }
}
