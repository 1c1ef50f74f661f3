using System.Text.Json;
using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;
using OnDeviceSora.Text;

namespace OnDeviceSora.Tests.Goldens;

/// <summary>The checkout's tiny random models, for tests of behaviour.</summary>
internal static class TinyModels
{
    public static T5Encoder TextEncoder(ComputeEngine engine) =>
        Load("t5", (weights, config, path) => T5Encoder.Load(engine, weights, T5Config.Parse(config, path)));

    public static VideoDecoder Decoder(ComputeEngine engine, int? tile = null, StreamingSettings? streaming = null) =>
        Load("vae", (weights, config, path) => VideoDecoder.Load(engine, weights, VaeConfig.Parse(config, path), tile, streaming));

    public static VideoEncoder Encoder(ComputeEngine engine) =>
        Load("vae", (weights, config, path) => VideoEncoder.Load(engine, weights, VaeConfig.Parse(config, path)));

    /// <summary>Any case of a model's folder tells its configuration.</summary>
    private static T Load<T>(string folder, Func<Checkpoint, JsonElement, string, T> load)
    {
        var path = Directory.EnumerateFiles(Path.Combine(GoldenFolder.OfCheckout, folder), "*.json")
            .Order(StringComparer.Ordinal)
            .First(file => File.ReadAllText(file).Contains("\"weights\"", StringComparison.Ordinal));
        using var golden = GoldenCase.Open(path);
        // Blocks are read when the model runs.
        var weights = golden.OpenWeights();
        return load(weights, golden.Config, path);
    }
}
