using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

public sealed class ModelConfigTests
{
    internal const string Small = """
        {
          "text_encoder": { "d_model": 96, "d_kv": 24, "num_heads": 4, "d_ff": 192, "num_layers": 2, "vocab_size": 109,
            "relative_attention_num_buckets": 32, "relative_attention_max_distance": 128, "layer_norm_epsilon": 1e-06 },
          "transformer": { "hidden_size": 128, "num_heads": 4, "depth": 4, "caption_channels": 96, "model_max_length": 32,
            "input_sq_size": 512, "in_channels": 4, "patch_size": [1, 2, 2], "pred_sigma": true, "qk_norm": true },
          "vae": { "block_out_channels": [32, 32, 64, 64], "layers_per_block": 1, "latent_channels": 4,
            "temporal": { "filters": 32, "num_res_blocks": 1, "channel_multipliers": [1, 2, 2, 4], "temporal_downsample": [false, true, true] },
            "micro_frame_size": 17, "scaling_factor": 0.18215,
            "scale": [0.473727, 2.247557, 2.772468, 0.773869], "shift": [0.274803, 1.053128, -1.506379, -0.62237] },
          "sampling": { "height": 64, "width": 64, "num_frames": 34, "fps": 12, "num_sampling_steps": 30, "use_timestep_transform": true }
        }
        """;

    [Fact]
    public void A_model_folders_configuration_is_read_with_its_defaults()
    {
        var config = Parse(Small);
        Assert.Equal((96, 24, 4, 192, 2, 109), (config.TextEncoder.DModel, config.TextEncoder.DKv, config.TextEncoder.NumHeads, config.TextEncoder.DFf, config.TextEncoder.NumLayers, config.TextEncoder.VocabSize));
        Assert.Equal((128, 4, 32, 512, 8), (config.Transformer.HiddenSize, config.Transformer.Depth, config.Transformer.HeadSize, config.Transformer.MlpHiddenSize, config.Transformer.OutChannels));
        Assert.Equal((8, 4, 5, 32), (config.Vae.Spatial.Factor, config.Vae.Temporal.Factor, config.Vae.MicroLatentFrames, config.Vae.Spatial.NormNumGroups));
        Assert.Equal(-1.506379f, config.Vae.Shift![2]);
        Assert.Equal((7f, 6.5f, 1000, false, true), (config.Sampling.GuidanceScale, config.Sampling.AestheticScore!.Value, config.Sampling.NumTimesteps, config.Sampling.UseDiscreteTimesteps, config.Sampling.UseTimestepTransform));
    }

    [Theory]
    [InlineData("t5"), InlineData("stdit3"), InlineData("vae"), InlineData("pipeline")]
    public void The_configurations_of_the_goldens_are_read(string folder)
    {
        var read = 0;
        foreach (var file in Directory.GetFiles(RepositoryGoldens.File(folder), "*.json"))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            if (!document.RootElement.TryGetProperty("config", out var config)) continue;
            read++;
            if (folder is "t5" or "pipeline") Assert.Equal(64, T5Config.Parse(Part(config, "t5"), file).DModel);
            if (folder is "stdit3" or "pipeline") Assert.Equal(24, STDiT3Config.Parse(Part(config, "stdit3"), file).HeadSize);
            if (folder is "vae" or "pipeline") AssertGoldenVae(VaeConfig.Parse(Part(config, "vae"), file));
        }

        Assert.NotEqual(0, read);
    }

    [Fact]
    public void An_aesthetic_score_of_null_means_none() =>
        Assert.Null(Parse(With("sampling", "aesthetic_score", "null")).Sampling.AestheticScore);

    [Fact]
    public void Unknown_keys_are_ignored() => Assert.Equal(4, Parse(With("transformer", "enable_flash_attn", "true")).Transformer.Depth);

    [Theory]
    [InlineData("text_encoder", "d_model", "-96", "text_encoder.d_model is '-96'; it must be an integer from 1 to 65536")]
    [InlineData("text_encoder", "d_model", "96.5", "text_encoder.d_model is '96.5'")]
    [InlineData("text_encoder", "num_layers", "1000000000", "text_encoder.num_layers is '1000000000'; it must be an integer from 1 to 512")]
    [InlineData("text_encoder", "vocab_size", "\"109\"", "text_encoder.vocab_size is '\"109\"'")]
    [InlineData("text_encoder", "relative_attention_num_buckets", "30", "must be a multiple of 4")]
    [InlineData("text_encoder", "relative_attention_max_distance", "8", "must be an integer from 9")]
    [InlineData("text_encoder", "layer_norm_epsilon", "0", "layer_norm_epsilon is '0'; it must be a number from")]
    [InlineData("text_encoder", "feed_forward_proj", "\"relu\"", "must be 'gated-gelu'")]
    [InlineData("transformer", "num_heads", "3", "transformer.hidden_size is '128'; it must be a multiple of num_heads (3)")]
    [InlineData("transformer", "num_heads", "128", "hidden_size / num_heads (1) is even")]
    [InlineData("transformer", "hidden_size", "130", "a multiple of 4")]
    [InlineData("transformer", "mlp_ratio", "1.3", "mlp_ratio is '1.3'; it must be such that")]
    [InlineData("transformer", "patch_size", "[2,2,2]", "patch_size is '[2,2,2]'; it must be three integers, the first of them 1")]
    [InlineData("transformer", "patch_size", "[1,2]", "three integers")]
    [InlineData("transformer", "pred_sigma", "1", "pred_sigma is '1'; it must be true or false")]
    [InlineData("transformer", "caption_channels", "64", "transformer.caption_channels is '64'; it must be text_encoder.d_model (96)")]
    [InlineData("transformer", "in_channels", "8", "the autoencoder's latent channels (4)")]
    [InlineData("transformer", "depth", "0", "transformer.depth is '0'")]
    [InlineData("vae", "block_out_channels", "[32,48]", "multiples of norm_num_groups (32)")]
    [InlineData("vae", "block_out_channels", "[]", "a list of 1 to 64 integers")]
    [InlineData("vae", "block_out_channels", "[32,32,32,32,32,32,32,32,32]", "at most 8 stages")]
    [InlineData("vae", "norm_num_groups", "5", "multiples of norm_num_groups (5)")]
    [InlineData("vae", "scale", "[1,2,3]", "a list of 4 numbers")]
    [InlineData("vae", "scale", "[1,2,3,1e99]", "scale is '1e99'")]
    [InlineData("vae", "temporal", "[]", "vae.temporal must be an object")]
    [InlineData("vae", "temporal", "{\"filters\":33}", "vae.temporal.filters is '33'; it must be a multiple of num_groups (32)")]
    [InlineData("vae", "temporal", "{\"filters\":32,\"num_res_blocks\":1,\"channel_multipliers\":[1,2],\"temporal_downsample\":[true,true]}", "a list of 1, one fewer than channel_multipliers")]
    [InlineData("sampling", "height", "60", "sampling.height is '60'; it must be a multiple of 8")]
    [InlineData("sampling", "fps", "0", "sampling.fps is '0'")]
    [InlineData("sampling", "guidance_scale", "-1", "guidance_scale is '-1'")]
    public void A_value_out_of_bounds_is_named_with_what_is_right(string section, string key, string value, string message) =>
        Refuses(With(section, key, value), message);

    [Theory]
    [InlineData("text_encoder", "d_kv")]
    [InlineData("transformer", "hidden_size")]
    [InlineData("vae", "layers_per_block")]
    [InlineData("sampling", "num_frames")]
    public void A_missing_value_is_named(string section, string key)
    {
        var json = JsonNode.Parse(Small)!;
        json[section]!.AsObject().Remove(key);
        Refuses(json.ToJsonString(), $"{section}.{key} is missing");
    }

    [Theory]
    [InlineData("{}", "text_encoder is missing; it must be an object")]
    [InlineData("[]", "one JSON object")]
    [InlineData("", "not valid JSON")]
    [InlineData("{\"vae\":{},\"vae\":{}}", "each key once")]
    [InlineData("{\"vae\":1,\"text_encoder\":2,\"transformer\":{},\"sampling\":{}}", "text_encoder must be an object")]
    public void What_is_no_configuration_is_refused(string json, string message) => Refuses(json, message);

    [Fact]
    public void Deep_nesting_and_bytes_that_are_not_text_are_refused()
    {
        Refuses($"{{\"x\":{new string('[', 10_000)}{new string(']', 10_000)}}}", "not valid JSON");
        var error = Assert.Throws<InvalidFileException>(() => ModelConfig.Parse("c.json", new byte[] { (byte)'{', 0xff, (byte)'}' }));
        Assert.Contains("not valid UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_over_a_mebibyte_is_refused_unread()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("config.json", Small + new string(' ', 1 << 20));
        Assert.Contains("at most 1048576 are accepted", Assert.Throws<InvalidFileException>(() => ModelConfig.Load(path)).Message, StringComparison.Ordinal);
    }

    internal static string With(string section, string key, string value)
    {
        var json = JsonNode.Parse(Small)!;
        json[section]![key] = JsonNode.Parse(value);
        return json.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static ModelConfig Parse(string json) => ModelConfig.Parse("c.json", Encoding.UTF8.GetBytes(json));

    private static JsonElement Part(JsonElement config, string name) => config.TryGetProperty(name, out var part) ? part : config;

    private static void AssertGoldenVae(VaeConfig vae)
    {
        Assert.Equal([16, 16, 32, 32], vae.Spatial.BlockOutChannels);
        Assert.Equal((8, 4, 0.18215f, 17), (vae.Spatial.NormNumGroups, vae.Temporal.NumGroups, vae.ScalingFactor, vae.MicroFrameSize));
    }

    private static void Refuses(string json, string message)
    {
        var error = Assert.Throws<InvalidFileException>(() => Parse(json));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("c.json: ", error.Message, StringComparison.Ordinal);
    }
}
