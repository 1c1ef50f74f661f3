using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;
using OnDeviceSora.Previews;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline;

/// <summary>Encodes the clip that previews are first fitted on. The encoder's weights are held only meanwhile.</summary>
/// <param name="engine">Where to compute.</param>
/// <param name="model">The open model folder.</param>
/// <param name="options">How the parts come into memory.</param>
internal sealed class PreviewStage(ComputeEngine engine, ModelFolder model, PipelineOptions options)
{
    private const double ClipWeight = 1;

    public PreviewSamples Sample(CancellationToken cancellation)
    {
        var config = model.Config.Vae;
        var clip = PreviewClip.Draw(config.MicroFrameSize);
        using var encoder = VideoEncoder.Load(engine, model.Vae, config, options.StreamingFor(passes: clip.Count));
        using var video = ToTensor(clip);
        using var latents = encoder.Encode(video, null, null, cancellation);
        var samples = new PreviewSamples(latents.Shape[0]);
        samples.Add(latents.Span, latents.Shape[1], latents.Shape[2], latents.Shape[3], clip, ClipWeight);
        return samples;
    }

    private Tensor ToTensor(IReadOnlyList<VideoFrame> clip)
    {
        var video = engine.Allocate(clip.Count, clip[0].Height, clip[0].Width, 3);
        for (var frame = 0; frame < clip.Count; frame++)
        {
            var pixels = video.Slice(frame, 1).Span;
            for (var i = 0; i < pixels.Length; i++) pixels[i] = clip[frame].Rgb[i] / 127.5f - 1;
        }
        return video;
    }
}
