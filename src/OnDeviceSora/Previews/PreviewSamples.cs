using System.Text.Json;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;

namespace OnDeviceSora.Previews;

/// <summary>
/// Latents of a model beside the pictures they stand for: what a <see cref="LatentPreview"/> is fitted on. <see cref="VideoPipeline.SamplePreviewAsync"/> begins
/// with a made-up clip; every finished video makes it better, since it shows what the model really draws.
/// </summary>
public sealed class PreviewSamples
{
    /// <summary>A made-up clip says little about what a model draws: a finished video counts more.</summary>
    private const double VideoWeight = 8;

    private const int LargestFile = 16 << 20;

    private readonly int _channels;
    private readonly LeastSquares _sums;

    /// <param name="channels">Latent channels.</param>
    internal PreviewSamples(int channels) : this(channels, new LeastSquares(LatentPreview.Terms(channels), LatentPreview.Outputs)) { }

    private PreviewSamples(int channels, LeastSquares sums) => (_channels, _sums) = (channels, sums);

    /// <summary>Adds a finished video. Not safe for use from several threads.</summary>
    /// <param name="video">The video with its latents.</param>
    /// <exception cref="ArgumentException">Its latents have another number of channels.</exception>
    public void Add(GeneratedVideo video)
    {
        ArgumentNullException.ThrowIfNull(video);
        var latents = video.Latents;
        if (latents.Channels != _channels) throw new ArgumentException($"The latents have {latents.Channels} channels; the samples are of {_channels}.", nameof(video));
        Add(latents.Values, latents.LatentFrames, latents.LatentHeight, latents.LatentWidth, video.Frames, VideoWeight);
    }

    /// <summary>The best preview for all samples so far.</summary>
    public LatentPreview Fit() => new(_channels, _sums.Solve());

    /// <summary>Saves the sums over all samples as JSON, some hundred kilobytes.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, new Stored(_channels, _sums.Sums)), survivesPowerLoss: false);

    /// <summary>Reads what <see cref="Save"/> wrote; <c>null</c> when there is none, or none that can be read: then one begins anew.</summary>
    public static PreviewSamples? Load(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            var stored = JsonSerializer.Deserialize<Stored>(CheckpointFile.ReadAll(path, LargestFile));
            if (stored is not { Channels: > 0 and < 1024, Sums: { } sums }) return null;
            return LeastSquares.From(LatentPreview.Terms(stored.Channels), LatentPreview.Outputs, sums) is { } known ? new PreviewSamples(stored.Channels, known) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidFileException)
        {
            return null;
        }
    }

    /// <summary>Adds latents <c>[channels, latent frames, height, width]</c> and the frames they stand for.</summary>
    internal void Add(ReadOnlySpan<float> latents, int latentFrames, int height, int width, IReadOnlyList<VideoFrame> frames, double weight)
    {
        var terms = new float[LatentPreview.Terms(_channels)];
        var pixels = new float[LatentPreview.Outputs];
        for (var frame = 0; frame < latentFrames; frame++)
        {
            var shown = frames[ShownFrame(frame, latentFrames, frames.Count)];
            for (var cell = 0; cell < height * width; cell++)
            {
                var (y, x) = Math.DivRem(cell, width);
                LatentPreview.Gather(latents, latentFrames, height, width, frame, y, x, terms);
                Shrink(shown, shown.Height / height, y, x, pixels);
                _sums.Add(terms, pixels, weight);
            }
        }
    }

    /// <summary>The frame that a latent frame looks most like: in the middle of those it stands for.</summary>
    private static int ShownFrame(int latentFrame, int latentFrames, int frames) =>
        Math.Clamp((int)Math.Round((latentFrame + 0.5) * frames / latentFrames - 1), 0, frames - 1);

    /// <summary>The pixels of a cell, -1 to 1, averaged down to the preview's detail.</summary>
    private static void Shrink(VideoFrame frame, int factor, int y, int x, float[] pixels)
    {
        var block = factor / LatentPreview.Detail;
        for (var output = 0; output < pixels.Length; output++)
        {
            var (pixel, colour) = Math.DivRem(output, LatentPreview.Colours);
            var (top, left) = (y * factor + pixel / LatentPreview.Detail * block, x * factor + pixel % LatentPreview.Detail * block);
            var sum = 0f;
            for (var i = 0; i < block * block; i++) sum += frame.Rgb[((top + i / block) * frame.Width + left + i % block) * LatentPreview.Colours + colour];
            pixels[output] = sum / (block * block) / 127.5f - 1;
        }
    }

    private sealed record Stored(int Channels, double[] Sums);
}
