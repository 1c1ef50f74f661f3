using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>The parameters of one spatial or temporal block, under the names of the published checkpoint.</summary>
internal sealed record STDiT3BlockWeights : IDisposable
{
    /// <summary>Learned part of the modulation, <c>[6, C]</c>: shift, scale, gate of the attention, then of the MLP.</summary>
    public required Tensor ScaleShiftTable { get; init; }

    public required Linear Qkv { get; init; }

    /// <summary>RMS norm of each head of q, <c>[head size]</c>; <c>null</c> when the model has none.</summary>
    public required Tensor? QueryNorm { get; init; }

    /// <summary>RMS norm of each head of k, <c>[head size]</c>; <c>null</c> when the model has none.</summary>
    public required Tensor? KeyNorm { get; init; }

    public required Linear Projection { get; init; }

    public required Linear CrossQuery { get; init; }

    public required Linear CrossKeyValue { get; init; }

    public required Linear CrossProjection { get; init; }

    public required Linear MlpIn { get; init; }

    public required Linear MlpOut { get; init; }

    /// <summary>Reads a block; <paramref name="loader"/> stands at its name, for example <c>spatial_blocks.0.</c>.</summary>
    public static STDiT3BlockWeights Load(WeightLoader loader, STDiT3Config config)
    {
        var width = config.HiddenSize;
        var (attention, cross, mlp) = (loader.Within("attn"), loader.Within("cross_attn"), loader.Within("mlp"));
        return new STDiT3BlockWeights
        {
            ScaleShiftTable = loader.Tensor("scale_shift_table", 6, width),
            Qkv = attention.QuantisedLinear("qkv", width, 3 * width),
            QueryNorm = config.QkNorm ? attention.Tensor("q_norm.weight", config.HeadSize) : null,
            KeyNorm = config.QkNorm ? attention.Tensor("k_norm.weight", config.HeadSize) : null,
            Projection = attention.QuantisedLinear("proj", width, width),
            CrossQuery = cross.QuantisedLinear("q_linear", width, width),
            CrossKeyValue = cross.Linear("kv_linear", width, 2 * width),
            CrossProjection = cross.QuantisedLinear("proj", width, width),
            MlpIn = mlp.QuantisedLinear("fc1", width, config.MlpHiddenSize),
            MlpOut = mlp.QuantisedLinear("fc2", config.MlpHiddenSize, width),
        };
    }

    public void Dispose()
    {
        ScaleShiftTable.Dispose();
        Qkv.Dispose();
        QueryNorm?.Dispose();
        KeyNorm?.Dispose();
        Projection.Dispose();
        CrossQuery.Dispose();
        CrossKeyValue.Dispose();
        CrossProjection.Dispose();
        MlpIn.Dispose();
        MlpOut.Dispose();
    }
}
