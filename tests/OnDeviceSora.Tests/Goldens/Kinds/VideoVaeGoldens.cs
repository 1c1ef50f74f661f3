using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>The whole autoencoder: both models, the scalings between and around them, chunks of 17 frames.</summary>
internal static class VideoVaeGoldens
{
    public static void Decode(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var weights = golden.OpenWeights();
        var decoder = VideoDecoder.Load(engine, weights, VaeConfig.Parse(golden.Config, golden.FilePath));
        using var latents = golden.Load(engine, "in.z");
        var video = new List<float>();
        for (var item = 0; item < latents.Shape[0]; item++)
        {
            video.AddRange(DecodeOne(decoder, latents.Slice(item, 1), golden.Parameters.GetProperty("num_frames").GetInt32()));
        }
        golden.Compare("out.video", [.. video]);
    }

    public static void Encode(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var weights = golden.OpenWeights();
        using var encoder = VideoEncoder.Load(engine, weights, VaeConfig.Parse(golden.Config, golden.FilePath));
        using var spatialNoise = Noise(engine, golden, "in.noise_spatial");
        using var temporalNoise = Noise(engine, golden, "in.noise_temporal");
        var latents = new List<float>();
        var videos = golden["in.video"];
        for (var item = 0; item < videos.Shape[0]; item++)
        {
            using var video = Pictures.VideoChannelsLast(engine, videos, item);
            var frames = video.Shape[0];
            var temporal = temporalNoise?.Slice(item, 1).Reshape(temporalNoise.Shape.Extents[1..]);
            using var encoded = encoder.Encode(video, spatialNoise?.Slice(item * frames, frames), temporal, CancellationToken.None);
            latents.AddRange(encoded.Span);
        }
        golden.Compare("out.z", [.. latents]);
    }

    /// <summary>Decodes one video.</summary>
    /// <param name="decoder">The autoencoder.</param>
    /// <param name="latents">Latents <c>[1, channels, T, h, w]</c>.</param>
    /// <param name="frames">Frames to make.</param>
    /// <param name="onPicture">Sees every picture <c>[height, width, 3]</c>; may be <c>null</c>.</param>
    /// <returns>The video <c>[3, frames, height, width]</c>.</returns>
    public static float[] DecodeOne(VideoDecoder decoder, Tensor latents, int frames, Action<Tensor>? onPicture = null)
    {
        float[] video = [];
        decoder.Decode(latents.Reshape(latents.Shape.Extents[1..]), frames, (index, picture) =>
        {
            onPicture?.Invoke(picture);
            var area = picture.Shape[0] * picture.Shape[1];
            if (video.Length == 0) video = new float[3 * frames * area];
            for (var i = 0; i < 3 * area; i++) video[(i % 3 * frames + index) * area + i / 3] = picture.Span[i];
        }, CancellationToken.None);
        return video;
    }

    private static Tensor? Noise(ComputeEngine engine, GoldenCase golden, string name) => golden.Has(name) ? golden.Load(engine, name) : null;
}
