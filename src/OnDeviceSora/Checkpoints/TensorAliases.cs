namespace OnDeviceSora.Checkpoints;

/// <summary>
/// Other names under which published files store a tensor, so that a model can ask by one name only. A rule renames a run of
/// whole dot-separated parts of a stored name (specification 16).
/// </summary>
internal sealed class TensorAliases
{
    private readonly (string Stored, string Canonical)[] _rules;

    private TensorAliases(params (string Stored, string Canonical)[] rules) => _rules = rules;

    /// <summary>No other names.</summary>
    public static TensorAliases None { get; } = new();

    /// <summary>T5 files may hold the embedding only under its second name.</summary>
    public static TensorAliases T5 { get; } = new(("encoder.embed_tokens.weight", "shared.weight"));

    /// <summary>Older diffusers files name the four layers of the autoencoder's attention differently.</summary>
    public static TensorAliases Vae { get; } = new(
        ("attentions.0.query", "attentions.0.to_q"),
        ("attentions.0.key", "attentions.0.to_k"),
        ("attentions.0.value", "attentions.0.to_v"),
        ("attentions.0.proj_attn", "attentions.0.to_out.0"));

    /// <summary>The name by which the models ask for a stored tensor.</summary>
    public string Canonical(string stored)
    {
        var dotted = $".{stored}.";
        foreach (var rule in _rules)
            dotted = dotted.Replace($".{rule.Stored}.", $".{rule.Canonical}.", StringComparison.Ordinal);
        return dotted[1..^1];
    }
}
