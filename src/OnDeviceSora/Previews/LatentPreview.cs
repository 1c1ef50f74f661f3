using OnDeviceSora.Media;

namespace OnDeviceSora.Previews;

/// <summary>
/// Shows latents without the autoencoder's decoder: every latent cell becomes <see cref="Detail"/> x <see cref="Detail"/> pixels, each an affine function
/// of the cell and its eight neighbours. Rough, but thousands of times cheaper than decoding. <see cref="PreviewSamples"/> makes one.
/// </summary>
public sealed class LatentPreview
{
    /// <summary>Pixels on each side of a latent cell in a preview.</summary>
    public const int Detail = 4;

    internal const int Neighbours = 9, Colours = 3;

    private readonly float[] _weights;

    /// <param name="channels">Latent channels.</param>
    /// <param name="weights"><c>[pixel y, pixel x, colour, neighbour, channel]</c> and a constant after each colour's: see <see cref="Terms"/>.</param>
    internal LatentPreview(int channels, float[] weights)
    {
        if (weights.Length != Outputs * Terms(channels)) throw new ArgumentException($"There are {weights.Length} weights; {channels} channels need {Outputs * Terms(channels)}.", nameof(weights));
        (Channels, _weights) = (channels, weights);
    }

    /// <summary>Latent channels that it was made for.</summary>
    public int Channels { get; }

    internal static int Outputs => Detail * Detail * Colours;

    /// <summary>How many numbers a pixel is a weighted sum of: the neighbourhood's latents and one.</summary>
    internal static int Terms(int channels) => Neighbours * channels + 1;

    /// <summary>Draws latents.</summary>
    /// <param name="latents">Normalised latents <c>[channels, frames, height, width]</c>, row-major.</param>
    /// <param name="frames">Latent frames.</param>
    /// <param name="height">Latent rows.</param>
    /// <param name="width">Latent columns.</param>
    /// <returns>A picture a latent frame, <see cref="Detail"/> times as wide and high as the latents.</returns>
    public IReadOnlyList<VideoFrame> Draw(ReadOnlySpan<float> latents, int frames, int height, int width)
    {
        if (latents.Length != Channels * frames * height * width) throw new ArgumentException($"There are {latents.Length} latents; {Channels} x {frames} x {height} x {width} are needed.", nameof(latents));
        var pictures = new VideoFrame[frames];
        var terms = new float[Terms(Channels)];
        for (var frame = 0; frame < frames; frame++)
        {
            var rgb = new byte[height * width * Outputs];
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    Gather(latents, frames, height, width, frame, y, x, terms);
                    DrawCell(terms, rgb, width, y, x);
                }
            }
            pictures[frame] = new VideoFrame(width * Detail, height * Detail, rgb);
        }
        return pictures;
    }

    /// <summary>A cell's neighbourhood, the border's repeated, and the one.</summary>
    internal static void Gather(ReadOnlySpan<float> latents, int frames, int height, int width, int frame, int y, int x, Span<float> terms)
    {
        var (channels, area) = (terms.Length / Neighbours, height * width);
        var next = 0;
        for (var dy = -1; dy <= 1; dy++)
        {
            for (var dx = -1; dx <= 1; dx++)
            {
                var cell = Math.Clamp(y + dy, 0, height - 1) * width + Math.Clamp(x + dx, 0, width - 1);
                for (var channel = 0; channel < channels; channel++) terms[next++] = latents[(channel * frames + frame) * area + cell];
            }
        }
        terms[next] = 1;
    }

    private void DrawCell(ReadOnlySpan<float> terms, Span<byte> rgb, int width, int y, int x)
    {
        for (var output = 0; output < Outputs; output++)
        {
            var sum = 0f;
            var weights = _weights.AsSpan(output * terms.Length, terms.Length);
            for (var term = 0; term < terms.Length; term++) sum += weights[term] * terms[term];
            var (pixel, colour) = Math.DivRem(output, Colours);
            var (row, column) = (y * Detail + pixel / Detail, x * Detail + pixel % Detail);
            rgb[(row * width * Detail + column) * Colours + colour] = (byte)Math.Clamp((sum + 1) * 127.5f + 0.5f, 0, 255);
        }
    }
}
