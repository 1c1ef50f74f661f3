using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>Self attention among the positions of one picture, with a single head as wide as the channels (specification 7.2).</summary>
internal sealed record SpatialAttention(GroupNormLayer Norm, Linear Query, Linear Key, Linear Value, Linear Output) : IAutoencoderPart
{
    /// <summary>Reads the layer; <paramref name="loader"/> stands at <c>attentions.0.</c>.</summary>
    public static SpatialAttention Load(WeightLoader loader, int channels, int groups) => new(
        SpatialLayers.Norm(loader, "group_norm", channels, groups),
        loader.Linear("to_q", channels, channels),
        loader.Linear("to_k", channels, channels),
        loader.Linear("to_v", channels, channels),
        loader.Linear("to_out.0", channels, channels));

    /// <summary>The input plus its attention, in its place.</summary>
    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        var (frames, positions, channels) = (x.Shape[0], x.Shape[1] * x.Shape[2], x.Shape[3]);
        using var normed = Norm.Run(engine, x, silu: false);
        using var query = Query.Run(engine, normed);
        using var key = Key.Run(engine, normed);
        using var value = Value.Run(engine, normed);
        // The norm's memory has served; attention's result takes its place.
        Attention.Run(engine, new AttentionArguments
        {
            Query = Sequences.OfRows(query, 0, frames, positions, channels),
            Key = Sequences.OfRows(key, 0, frames, positions, channels),
            Value = Sequences.OfRows(value, 0, frames, positions, channels),
            Output = Sequences.OfRows(normed, 0, frames, positions, channels),
            Heads = 1,
            HeadSize = channels,
            Scale = 1 / MathF.Sqrt(channels),
        });
        Output.Run(engine, normed, x, new Epilogue { Residual = x });
        return x;
    }

    public void Dispose()
    {
        Norm.Dispose();
        Query.Dispose();
        Key.Dispose();
        Value.Dispose();
        Output.Dispose();
    }
}
