using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>The sizes of a T5 v1.1 encoder; members carry the names of the published configuration (specification 4).</summary>
internal sealed record T5Config
{
    /// <summary>Width of the hidden state (<c>d_model</c>).</summary>
    public required int DModel { get; init; }

    /// <summary>Width of one attention head (<c>d_kv</c>).</summary>
    public required int DKv { get; init; }

    /// <summary>Attention heads (<c>num_heads</c>).</summary>
    public required int NumHeads { get; init; }

    /// <summary>Width inside the gated feed-forward layer (<c>d_ff</c>).</summary>
    public required int DFf { get; init; }

    /// <summary>Encoder blocks (<c>num_layers</c>).</summary>
    public required int NumLayers { get; init; }

    /// <summary>Rows of the embedding (<c>vocab_size</c>).</summary>
    public required int VocabSize { get; init; }

    /// <summary>Buckets of the relative position bias, a multiple of 4.</summary>
    public int RelativeAttentionNumBuckets { get; init; } = 32;

    /// <summary>The distance from which all positions share a bucket.</summary>
    public int RelativeAttentionMaxDistance { get; init; } = 128;

    /// <summary>Added to the mean square in the RMS norm.</summary>
    public float LayerNormEpsilon { get; init; } = 1e-6f;

    /// <summary>Width of all heads together.</summary>
    public int InnerWidth => NumHeads * DKv;

    /// <summary>Reads and checks the object of a configuration file.</summary>
    /// <param name="config">The object, with the published key names; unknown keys are ignored.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidFileException">A value is missing or out of bounds.</exception>
    public static T5Config Parse(JsonElement config, string path)
    {
        var section = ConfigSection.Of(path, "text_encoder", config);
        section.RequireText("feed_forward_proj", "gated-gelu");
        var buckets = section.Int("relative_attention_num_buckets", 4, 4096, 32);
        section.Require(buckets % 4 == 0, "relative_attention_num_buckets", "a multiple of 4");
        return new T5Config
        {
            DModel = section.Int("d_model", 1, 65_536),
            DKv = section.Int("d_kv", 1, 4096),
            NumHeads = section.Int("num_heads", 1, 1024),
            DFf = section.Int("d_ff", 1, 262_144),
            NumLayers = section.Int("num_layers", 1, 512),
            VocabSize = section.Int("vocab_size", 3, 4_000_000),
            RelativeAttentionNumBuckets = buckets,
            RelativeAttentionMaxDistance = section.Int("relative_attention_max_distance", (buckets / 4) + 1, 1_000_000, Math.Max(128, (buckets / 4) + 1)),
            LayerNormEpsilon = (float)section.Number("layer_norm_epsilon", 1e-12, 0.1, 1e-6),
        };
    }
}
