using OnDeviceSora.Autoencoder;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Previews;

/// <summary>Finds the weights of a <see cref="LatentPreview"/> by least squares, on a clip that the model's own encoder has encoded.</summary>
/// <param name="engine">Where to compute.</param>
/// <param name="encoder">The model's encoder.</param>
/// <param name="microFrameSize">Frames that are encoded together (17).</param>
internal sealed class PreviewFit(ComputeEngine engine, VideoEncoder encoder, int microFrameSize)
{
    /// <summary>Encodes the clip and solves for the weights.</summary>
    public LatentPreview Run(CancellationToken cancellation)
    {
        using var clip = PreviewClip.Draw(engine, microFrameSize);
        using var latents = encoder.Encode(clip, null, null, cancellation);
        var (channels, frames, height, width) = (latents.Shape[0], latents.Shape[1], latents.Shape[2], latents.Shape[3]);
        var fit = new LeastSquares(LatentPreview.Terms(channels), LatentPreview.Outputs);
        var terms = new float[LatentPreview.Terms(channels)];
        var pixels = new float[LatentPreview.Outputs];
        for (var frame = 0; frame < frames; frame++)
        {
            var shown = ShownFrame(frame, frames, clip.Shape[0]);
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    LatentPreview.Gather(latents.Span, frames, height, width, frame, y, x, terms);
                    Shrink(clip, shown, clip.Shape[1] / height, y, x, pixels);
                    fit.Add(terms, pixels);
                }
            }
            cancellation.ThrowIfCancellationRequested();
        }
        return new LatentPreview(channels, fit.Solve());
    }

    /// <summary>The frame that a latent frame looks most like: the first stands for itself, the others for so many before them.</summary>
    private static int ShownFrame(int latentFrame, int latentFrames, int frames)
    {
        var stride = (frames - 1) / Math.Max(1, latentFrames - 1);
        return latentFrame == 0 ? 0 : latentFrame * stride - stride / 2;
    }

    /// <summary>The pixels of a cell, averaged down to the preview's detail.</summary>
    private static void Shrink(Tensor clip, int frame, int factor, int y, int x, float[] pixels)
    {
        var (width, block) = (clip.Shape[2], factor / LatentPreview.Detail);
        var picture = clip.Slice(frame, 1).Span;
        for (var output = 0; output < pixels.Length; output++)
        {
            var (pixel, colour) = Math.DivRem(output, LatentPreview.Colours);
            var (top, left) = (y * factor + pixel / LatentPreview.Detail * block, x * factor + pixel % LatentPreview.Detail * block);
            var sum = 0f;
            for (var i = 0; i < block * block; i++) sum += picture[((top + i / block) * width + left + i % block) * LatentPreview.Colours + colour];
            pixels[output] = sum / (block * block);
        }
    }
}
