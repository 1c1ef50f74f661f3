using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>Brings text features to the transformer's width: Linear, GELU, Linear; and knows the null caption (specification 5.2).</summary>
/// <param name="In">First layer.</param>
/// <param name="Out">Second layer.</param>
/// <param name="Null">Features of the null caption, <c>[text length, caption channels]</c>.</param>
internal sealed record CaptionEmbedding(Linear In, Linear Out, Tensor Null) : IDisposable
{
    /// <summary>Reads the layer; <paramref name="loader"/> stands at <c>y_embedder.</c>.</summary>
    public static CaptionEmbedding Load(WeightLoader loader, STDiT3Config config) => new(
        loader.Linear("y_proj.fc1", config.CaptionChannels, config.HiddenSize),
        loader.Linear("y_proj.fc2", config.HiddenSize, config.HiddenSize),
        loader.Tensor("y_embedding", config.ModelMaxLength, config.CaptionChannels));

    /// <summary>Embeds the features of some captions.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="features">Features <c>[batch, text length, caption channels]</c>.</param>
    /// <param name="mask">Batch by text length: true where a row counts. Rows that do not are dropped, wherever they stand.</param>
    /// <param name="keepsKeysAndValues">Whether the blocks' keys and values are computed once, and kept.</param>
    public TextConditioning Run(ComputeEngine engine, Tensor features, bool[] mask, bool keepsKeysAndValues = true)
    {
        var (batch, length, channels) = (features.Shape[0], features.Shape[1], features.Shape[2]);
        var lengths = new int[batch];
        for (var row = 0; row < mask.Length; row++) lengths[row / length] += mask[row] ? 1 : 0;
        using var kept = engine.AllocateZeroed(batch, Math.Max(1, lengths.Max()), channels);
        var filled = new int[batch];
        for (var row = 0; row < mask.Length; row++)
        {
            if (!mask[row]) continue;
            var item = row / length;
            features.Span.Slice(row * channels, channels).CopyTo(kept.Span[((item * kept.Shape[1] + filled[item]++) * channels)..]);
        }
        using var hidden = In.Run(engine, kept, Activation.GeluTanh);
        return new TextConditioning(engine, Out.Run(engine, hidden), lengths, keepsKeysAndValues);
    }

    public void Dispose()
    {
        In.Dispose();
        Out.Dispose();
        Null.Dispose();
    }
}
