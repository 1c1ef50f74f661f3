using OnDeviceSora.Diffusion;

namespace OnDeviceSora.Bench.Layers;

/// <summary>A block of the reference with one layer of the package in it.</summary>
/// <param name="Layer">The layer's name in the checkpoint.</param>
/// <param name="Swap">Makes the block of the reference's and the package's, whose weights it shares.</param>
internal sealed record LayerSwap(string Layer, Func<STDiT3BlockWeights, STDiT3BlockWeights, STDiT3BlockWeights> Swap)
{
    /// <summary>Every linear layer of a block.</summary>
    public static IReadOnlyList<LayerSwap> Every { get; } =
    [
        new("attn.qkv", (reference, package) => reference with { Qkv = package.Qkv }),
        new("attn.proj", (reference, package) => reference with { Projection = package.Projection }),
        new("cross_attn.q_linear", (reference, package) => reference with { CrossQuery = package.CrossQuery }),
        new("cross_attn.kv_linear", (reference, package) => reference with { CrossKeyValue = package.CrossKeyValue }),
        new("cross_attn.proj", (reference, package) => reference with { CrossProjection = package.CrossProjection }),
        new("mlp.fc1", (reference, package) => reference with { MlpIn = package.MlpIn }),
        new("mlp.fc2", (reference, package) => reference with { MlpOut = package.MlpOut }),
    ];
}
