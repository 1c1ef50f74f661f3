using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>The temporal autoencoder alone, on one video.</summary>
internal static class TemporalVaeGoldens
{
    public static void Decode(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var weights = golden.OpenWeights();
        using var decoder = TemporalDecoder.Load(engine, weights, Config(golden), StreamingSettings.AllResident);
        using var latents = Pictures.VideoChannelsLast(engine, Single(golden["in.z"]), 0);
        using var frames = decoder.Run(latents, golden.Parameters.GetProperty("num_frames").GetInt32(), CancellationToken.None);
        golden.Compare("out.x", Pictures.VideoChannelsFirst(frames));
    }

    public static void Encode(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var weights = golden.OpenWeights();
        using var encoder = TemporalEncoder.Load(engine, weights, Config(golden), StreamingSettings.AllResident);
        using var frames = Pictures.VideoChannelsLast(engine, Single(golden["in.x"]), 0);
        using var moments = encoder.Run(frames, CancellationToken.None);
        var channelsFirst = Pictures.VideoChannelsFirst(moments);
        if (golden.Has("mid.moments")) golden.Compare("mid.moments", channelsFirst);
        Posterior.Compare(golden, channelsFirst, pictures: 1);
    }

    private static GoldenTensor Single(GoldenTensor videos) => videos.Shape[0] == 1
        ? videos
        : throw new GoldenMismatchException($"{videos.Name} holds {videos.Shape[0]} videos; one is expected");

    private static TemporalVaeConfig Config(GoldenCase golden) => VaeConfig.Parse(golden.Config, golden.FilePath).Temporal;
}
