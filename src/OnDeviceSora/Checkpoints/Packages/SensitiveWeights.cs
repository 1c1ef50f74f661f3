namespace OnDeviceSora.Checkpoints;

/// <summary>
/// The weights that stay bfloat16 in an int8 model: those whose rounding shows in everything behind them, and that are small or read
/// so seldom that as integers they would save neither memory nor time.
/// </summary>
internal static class SensitiveWeights
{
    /// <summary>By the beginnings of their names: all outside the blocks.</summary>
    private static readonly string[] Beginnings =
    [
        // Of T5's embedding only the prompt's rows are read.
        "shared.",
        // The transformer's entrance, its exit, and what every block's modulation is made of.
        "x_embedder.", "t_embedder.", "fps_embedder.", "t_block.", "y_embedder.", "final_layer.",
    ];

    /// <summary>By the ends of their names: in every block.</summary>
    private static readonly string[] Ends =
    [
        // The text's keys and values are computed once for a video.
        ".cross_attn.kv_linear.weight",
    ];

    /// <summary>Whether a weight stays bfloat16.</summary>
    public static bool Include(string name) =>
        Beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal)) || Ends.Any(end => name.EndsWith(end, StringComparison.Ordinal));
}
