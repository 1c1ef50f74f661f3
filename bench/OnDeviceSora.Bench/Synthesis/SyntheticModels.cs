using OnDeviceSora.Benchmarks;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Bench.Synthesis;

/// <summary>The sizes of the models that can be made up.</summary>
internal static class SyntheticModels
{
    /// <summary>Open-Sora v1.2 as published.</summary>
    public static ModelConfig Full => FullSizeModel.Config;

    /// <summary>The full model's widths with few blocks: 4 layers of T5, 4 pairs of STDiT3 blocks, the whole autoencoder.</summary>
    public static ModelConfig Reduced { get; } = Full with
    {
        TextEncoder = Full.TextEncoder with { NumLayers = 4 },
        Transformer = Full.Transformer with { Depth = 4 },
    };

    /// <summary>
    /// What the streaming bench loads: STDiT3 blocks of the real width, few of them; all 24 layers of T5, of a quarter of the
    /// real width; an autoencoder that only has to be there.
    /// </summary>
    public static ModelConfig ForStreaming => new(
        new T5Config { DModel = 1024, DKv = 64, NumHeads = 16, DFf = 2560, NumLayers = 24, VocabSize = 320 },
        Full.Transformer with { Depth = 4, CaptionChannels = 1024 },
        Tiny.Vae,
        Tiny.Sampling);

    /// <summary>A model of a few million weights with every kind of tensor and the published numbers of groups.</summary>
    public static ModelConfig Tiny { get; } = new(
        new T5Config { DModel = 64, DKv = 16, NumHeads = 4, DFf = 128, NumLayers = 2, VocabSize = 320 },
        new STDiT3Config { HiddenSize = 96, NumHeads = 4, Depth = 2, CaptionChannels = 64, ModelMaxLength = 32 },
        new VaeConfig
        {
            Spatial = new SpatialVaeConfig { BlockOutChannels = [32, 32, 32, 64], LayersPerBlock = 1 },
            Temporal = new TemporalVaeConfig
            {
                Filters = 32,
                NumResBlocks = 1,
                ChannelMultipliers = [1, 1, 2, 2],
                TemporalDownsample = [false, true, true],
                LatentChannels = 4,
            },
        },
        new SamplingConfig { Height = 64, Width = 64, NumFrames = 17 });
}
