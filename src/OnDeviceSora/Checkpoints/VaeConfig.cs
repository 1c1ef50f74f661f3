using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>The sizes of a video autoencoder: one for pictures, one for time (specification 7).</summary>
internal sealed record VaeConfig
{
    /// <summary>The autoencoder of single pictures.</summary>
    public required SpatialVaeConfig Spatial { get; init; }

    /// <summary>The autoencoder over time.</summary>
    public required TemporalVaeConfig Temporal { get; init; }

    /// <summary>Frames the temporal autoencoder takes at a time.</summary>
    public int MicroFrameSize { get; init; } = 17;

    /// <summary>What the spatial latents are multiplied with.</summary>
    public float ScalingFactor { get; init; } = 0.18215f;

    /// <summary>Scale of each latent channel; <c>null</c> when only the checkpoint's tensor <c>scale</c> says it.</summary>
    public float[]? Scale { get; init; }

    /// <summary>Shift of each latent channel; <c>null</c> when only the checkpoint's tensor <c>shift</c> says it.</summary>
    public float[]? Shift { get; init; }

    /// <summary>Latent channels.</summary>
    public int LatentChannels => Spatial.LatentChannels;

    /// <summary>Latent frames of a full chunk of <see cref="MicroFrameSize"/> frames.</summary>
    public int MicroLatentFrames => (MicroFrameSize + Temporal.Factor - 1) / Temporal.Factor;

    /// <summary>Reads and checks the object of a configuration file.</summary>
    /// <param name="config">
    /// The object: the spatial keys either directly in it or in its object <c>spatial</c>, the temporal ones in its object
    /// <c>temporal</c>; unknown keys are ignored.
    /// </param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidFileException">A value is missing or out of bounds.</exception>
    public static VaeConfig Parse(JsonElement config, string path)
    {
        var section = ConfigSection.Of(path, "vae", config);
        var spatial = SpatialVaeConfig.Parse(section.Has("spatial") ? section.Section("spatial") : section);
        var temporal = TemporalVaeConfig.Parse(section.Section("temporal"), spatial.LatentChannels);
        var factorKey = section.Has("spatial_latent_multiplier") ? "spatial_latent_multiplier" : "scaling_factor";
        return new VaeConfig
        {
            Spatial = spatial,
            Temporal = temporal,
            MicroFrameSize = section.Int("micro_frame_size", 1, 1024, 17),
            ScalingFactor = (float)section.Number(factorKey, 1e-6, 1e6, 0.18215),
            Scale = Channels(section, "scale", 1e-6, spatial.LatentChannels),
            Shift = Channels(section, "shift", -1e6, spatial.LatentChannels),
        };
    }

    private static float[]? Channels(ConfigSection section, string key, double minimum, int channels)
    {
        if (!section.Has(key)) return null;
        var values = section.Numbers(key, minimum, 1e6);
        section.Require(values.Length == channels, key, $"a list of {channels} numbers, one a latent channel");
        return values;
    }
}

/// <summary>The sizes of the autoencoder of single pictures (specification 7.2).</summary>
internal sealed record SpatialVaeConfig
{
    /// <summary>Channels of each stage, finest first; every stage but the last halves the picture.</summary>
    public required int[] BlockOutChannels { get; init; }

    /// <summary>ResNet blocks of an encoder stage; a decoder stage has one more.</summary>
    public required int LayersPerBlock { get; init; }

    /// <summary>Groups of the group norms.</summary>
    public int NormNumGroups { get; init; } = 32;

    /// <summary>Latent channels.</summary>
    public int LatentChannels { get; init; } = 4;

    /// <summary>Pixels a side of a latent stands for.</summary>
    public int Factor => 1 << (BlockOutChannels.Length - 1);

    /// <summary>Reads and checks the values.</summary>
    internal static SpatialVaeConfig Parse(ConfigSection section)
    {
        var groups = section.Int("norm_num_groups", 1, 1024, 32);
        var channels = section.Ints("block_out_channels", 1, 16_384);
        section.Require(channels.Length <= 8, "block_out_channels", "a list of at most 8 stages");
        section.Require(channels.All(c => c % groups == 0), "block_out_channels", $"multiples of norm_num_groups ({groups})");
        section.Require(section.Int("in_channels", 1, 1024, 3) == 3, "in_channels", "3 (red, green, blue)");
        section.Require(section.Int("out_channels", 1, 1024, 3) == 3, "out_channels", "3 (red, green, blue)");
        return new SpatialVaeConfig
        {
            BlockOutChannels = channels,
            LayersPerBlock = section.Int("layers_per_block", 1, 64),
            NormNumGroups = groups,
            LatentChannels = section.Int("latent_channels", 1, 64, 4),
        };
    }
}

/// <summary>The sizes of the autoencoder over time (specification 7.1).</summary>
internal sealed record TemporalVaeConfig
{
    /// <summary>Channels of the first stage.</summary>
    public required int Filters { get; init; }

    /// <summary>Residual blocks of a stage, and between the stages and the latents.</summary>
    public required int NumResBlocks { get; init; }

    /// <summary>Channels of each stage as multiples of <see cref="Filters"/>.</summary>
    public required int[] ChannelMultipliers { get; init; }

    /// <summary>Whether time is halved after each stage but the last.</summary>
    public required bool[] TemporalDownsample { get; init; }

    /// <summary>Groups of the group norms.</summary>
    public int NumGroups { get; init; } = 32;

    /// <summary>Channels that go in, come out, and lie between.</summary>
    public required int LatentChannels { get; init; }

    /// <summary>Frames a latent frame stands for.</summary>
    public int Factor => 1 << TemporalDownsample.Count(d => d);

    /// <summary>Channels of a stage.</summary>
    public int StageChannels(int stage) => Filters * ChannelMultipliers[stage];

    /// <summary>Reads and checks the values.</summary>
    internal static TemporalVaeConfig Parse(ConfigSection section, int latentChannels)
    {
        var groups = section.Int("num_groups", 1, 1024, 32);
        var filters = section.Int("filters", 1, 16_384);
        section.Require(filters % groups == 0, "filters", $"a multiple of num_groups ({groups})");
        var multipliers = section.Ints("channel_multipliers", 1, 64);
        section.Require(multipliers.Length is >= 2 and <= 8, "channel_multipliers", "a list of 2 to 8 stages");
        var downsample = section.Flags("temporal_downsample");
        section.Require(downsample.Length == multipliers.Length - 1, "temporal_downsample",
            $"a list of {multipliers.Length - 1}, one fewer than channel_multipliers");
        foreach (var key in (ReadOnlySpan<string>)["in_out_channels", "latent_embed_dim", "embed_dim"])
            section.Require(section.Int(key, 1, 64, latentChannels) == latentChannels, key, $"the latent channels ({latentChannels})");
        return new TemporalVaeConfig
        {
            Filters = filters,
            NumResBlocks = section.Int("num_res_blocks", 1, 64),
            ChannelMultipliers = multipliers,
            TemporalDownsample = downsample,
            NumGroups = groups,
            LatentChannels = latentChannels,
        };
    }
}
