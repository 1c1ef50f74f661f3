using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>The published autoencoder's sizes, for cases that come without a configuration.</summary>
internal static class OpenSoraVae
{
    public static VaeConfig Config { get; } = new()
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
    };
}
