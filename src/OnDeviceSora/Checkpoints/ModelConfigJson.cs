using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>Writes the <c>config.json</c> of a model folder.</summary>
internal static class ModelConfigJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n" };

    /// <summary>The file's bytes; <see cref="ModelConfig.Parse"/> reads the same configuration back.</summary>
    public static byte[] Write(ModelConfig config) => Write(json =>
    {
        Section(json, ModelFolder.TextEncoderName, () => WriteMembers(json, config.TextEncoder));
        Section(json, ModelFolder.TransformerName, () => WriteMembers(json, config.Transformer));
        Section(json, ModelFolder.VaeName, () => WriteMembers(json, config.Vae));
        Section(json, "sampling", () => WriteMembers(json, config.Sampling));
    });

    /// <summary>The T5 encoder's own <c>config.json</c>, as published.</summary>
    public static byte[] Write(T5Config config) => Write(json => WriteMembers(json, config));

    /// <summary>The transformer's own <c>config.json</c>, as published.</summary>
    public static byte[] Write(STDiT3Config config) => Write(json => WriteMembers(json, config));

    /// <summary>The autoencoder's own <c>config.json</c>, with all its sizes.</summary>
    public static byte[] Write(VaeConfig config) => Write(json => WriteMembers(json, config));

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void WriteMembers(Utf8JsonWriter json, T5Config config)
    {
        json.WriteNumber("d_model", config.DModel);
        json.WriteNumber("d_kv", config.DKv);
        json.WriteNumber("num_heads", config.NumHeads);
        json.WriteNumber("d_ff", config.DFf);
        json.WriteNumber("num_layers", config.NumLayers);
        json.WriteNumber("vocab_size", config.VocabSize);
        json.WriteNumber("relative_attention_num_buckets", config.RelativeAttentionNumBuckets);
        json.WriteNumber("relative_attention_max_distance", config.RelativeAttentionMaxDistance);
        json.WriteNumber("layer_norm_epsilon", config.LayerNormEpsilon);
        json.WriteString("feed_forward_proj", "gated-gelu");
    }

    private static void WriteMembers(Utf8JsonWriter json, STDiT3Config config)
    {
        json.WriteNumber("hidden_size", config.HiddenSize);
        json.WriteNumber("num_heads", config.NumHeads);
        json.WriteNumber("depth", config.Depth);
        json.WriteNumber("mlp_ratio", config.MlpRatio);
        json.WriteNumber("caption_channels", config.CaptionChannels);
        json.WriteNumber("model_max_length", config.ModelMaxLength);
        json.WriteNumber("input_sq_size", config.InputSqSize);
        json.WriteNumber("in_channels", config.InChannels);
        Integers(json, "patch_size", [config.PatchSize.Frames, config.PatchSize.Height, config.PatchSize.Width]);
        json.WriteBoolean("pred_sigma", config.PredSigma);
        json.WriteBoolean("qk_norm", config.QkNorm);
    }

    private static void WriteMembers(Utf8JsonWriter json, VaeConfig config)
    {
        Integers(json, "block_out_channels", config.Spatial.BlockOutChannels);
        json.WriteNumber("layers_per_block", config.Spatial.LayersPerBlock);
        json.WriteNumber("latent_channels", config.Spatial.LatentChannels);
        json.WriteNumber("norm_num_groups", config.Spatial.NormNumGroups);
        Section(json, "temporal", () => WriteMembers(json, config.Temporal));
        json.WriteNumber("micro_frame_size", config.MicroFrameSize);
        json.WriteNumber("scaling_factor", config.ScalingFactor);
        Numbers(json, "scale", config.Scale);
        Numbers(json, "shift", config.Shift);
    }

    private static void WriteMembers(Utf8JsonWriter json, TemporalVaeConfig config)
    {
        json.WriteNumber("filters", config.Filters);
        json.WriteNumber("num_res_blocks", config.NumResBlocks);
        Integers(json, "channel_multipliers", config.ChannelMultipliers);
        json.WriteStartArray("temporal_downsample");
        foreach (var halved in config.TemporalDownsample) json.WriteBooleanValue(halved);
        json.WriteEndArray();
        json.WriteNumber("num_groups", config.NumGroups);
    }

    private static void WriteMembers(Utf8JsonWriter json, SamplingConfig config)
    {
        json.WriteNumber("height", config.Height);
        json.WriteNumber("width", config.Width);
        json.WriteNumber("num_frames", config.NumFrames);
        json.WriteNumber("fps", config.Fps);
        json.WriteNumber("num_sampling_steps", config.NumSamplingSteps);
        json.WriteNumber("num_timesteps", config.NumTimesteps);
        json.WriteBoolean("use_timestep_transform", config.UseTimestepTransform);
        json.WriteBoolean("use_discrete_timesteps", config.UseDiscreteTimesteps);
        json.WriteNumber("guidance_scale", config.GuidanceScale);
        if (config.AestheticScore is { } score) json.WriteNumber("aesthetic_score", score);
        else json.WriteNull("aesthetic_score");
    }

    private static void Section(Utf8JsonWriter json, string name, Action members)
    {
        json.WriteStartObject(name);
        members();
        json.WriteEndObject();
    }

    private static void Integers(Utf8JsonWriter json, string key, int[] values)
    {
        json.WriteStartArray(key);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    private static void Numbers(Utf8JsonWriter json, string key, float[]? values)
    {
        if (values is null) return;
        json.WriteStartArray(key);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
