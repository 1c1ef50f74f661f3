using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>The 2D autoencoder alone, without the factor between it and the temporal one.</summary>
internal static class SpatialVaeGoldens
{
    public static void Decode(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var weights = golden.OpenWeights();
        using var decoder = SpatialDecoder.Load(engine, weights, Config(golden), StreamingSettings.AllResident);
        using var latents = Pictures.ChannelsLast(engine, golden["in.z"]);
        using var image = decoder.Run(latents, CancellationToken.None);
        golden.Compare("out.image", Pictures.ChannelsFirst(image));
    }

    public static void Encode(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var weights = golden.OpenWeights();
        using var encoder = SpatialEncoder.Load(engine, weights, Config(golden), StreamingSettings.AllResident);
        using var image = Pictures.ChannelsLast(engine, golden["in.image"]);
        using var moments = encoder.Run(image, CancellationToken.None);
        if (golden.Has("mid.moments")) golden.Compare("mid.moments", Pictures.ChannelsFirst(moments));
        Posterior.Compare(golden, Pictures.ChannelsFirst(moments), pictures: moments.Shape[0]);
    }

    private static SpatialVaeConfig Config(GoldenCase golden) => VaeConfig.Parse(golden.Config, golden.FilePath).Spatial;
}
