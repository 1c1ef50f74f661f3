using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Benchmarks;

/// <summary>Open-Sora v1.2 as published: T5 v1.1 XXL, STDiT3-XL/2, the video autoencoder (specification 4, 5, 7): 6.36 billion weights.</summary>
internal static class FullSizeModel
{
    private const int LatentFactor = 8;

    /// <summary>About what a plan gives the stages of a video of 256x256 for their tensors, which they reuse within it.</summary>
    public const long PlannedWorkingBytes = 1 << 30;

    /// <summary>Its sizes.</summary>
    public static ModelConfig Config { get; } = new(
        new T5Config { DModel = 4096, DKv = 64, NumHeads = 64, DFf = 10240, NumLayers = 24, VocabSize = 32128 },
        new STDiT3Config { HiddenSize = 1152, NumHeads = 16, Depth = 28, CaptionChannels = 4096 },
        new VaeConfig
        {
            Spatial = new SpatialVaeConfig { BlockOutChannels = [128, 256, 512, 512], LayersPerBlock = 2 },
            Temporal = new TemporalVaeConfig
            {
                Filters = 128,
                NumResBlocks = 4,
                ChannelMultipliers = [1, 2, 2, 4],
                TemporalDownsample = [false, true, true],
                LatentChannels = 4,
            },
        },
        PublishedConfig.Sampling(LatentFactor));
}
