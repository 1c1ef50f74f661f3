using OnDeviceSora.Autoencoder;
using OnDeviceSora.Benchmarks;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>Extents of a video's latents.</summary>
internal static class LatentSizeGoldens
{
    public static void Run(GoldenCase golden)
    {
        var config = FullSizeModel.Config.Vae with { MicroFrameSize = golden.Root.GetProperty("micro_frame_size").GetInt32() };
        foreach (var entry in golden.Root.GetProperty("cases").EnumerateArray())
        {
            var input = entry.GetProperty("input").EnumerateArray().Select(number => number.GetInt32()).ToArray();
            var latent = entry.GetProperty("latent").EnumerateArray().Select(number => number.GetInt32()).ToArray();
            var size = LatentSize.Of(config, input[0], input[1], input[2]);
            if (size != new LatentSize(latent[0], latent[1], latent[2])) throw new GoldenMismatchException($"latents of {entry.GetProperty("input")} should be {entry.GetProperty("latent")} and are {size}");
        }
    }
}
