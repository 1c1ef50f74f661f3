using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline;

/// <summary>The last stage: latents become frames.</summary>
/// <param name="engine">Where to compute.</param>
/// <param name="model">The open model folder.</param>
/// <param name="options">How the parts come into memory.</param>
/// <param name="plan">What to keep in memory, and whether pictures are decoded in tiles.</param>
internal sealed class DecodingStage(ComputeEngine engine, ModelFolder model, PipelineOptions options, GenerationPlan plan)
{
    /// <summary>Decodes a video. The autoencoder's weights are held only meanwhile.</summary>
    public IReadOnlyList<VideoFrame> Decode(VideoLatents latents, ProgressReporter reporter, CancellationToken cancellation)
    {
        var count = latents.Request.Frames!.Value;
        reporter.Begin(GenerationStage.Decoding, count);
        var decoder = VideoDecoder.Load(engine, model.Vae, model.Config.Vae, plan.DecodeTile, options.StreamingFor(count, plan.Stages.Max(stage => stage.ActivationBytes)));
        using var values = engine.From(latents.Values, latents.Channels, latents.LatentFrames, latents.LatentHeight, latents.LatentWidth);
        var frames = new List<VideoFrame>(count);
        decoder.Decode(values, count, (index, picture) =>
        {
            FiniteValues.Require(picture.Span, model, "autoencoder");
            frames.Add(ToFrame(picture));
            reporter.Report(index + 1);
        }, cancellation);
        reporter.End();
        return frames;
    }

    /// <summary>To 8 bits: from -1..1 to 0..255, rounded as the reference does (specification 10).</summary>
    internal static VideoFrame ToFrame(Tensor picture)
    {
        var values = picture.Span;
        var rgb = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var unit = (Math.Clamp(values[i], -1f, 1f) + 1) / 2;
            rgb[i] = (byte)Math.Clamp(unit * 255 + 0.5f, 0, 255);
        }
        return new VideoFrame(picture.Shape[1], picture.Shape[0], rgb);
    }
}
