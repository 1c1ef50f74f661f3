using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>Shift, scale and gate of one sublayer, by group of tokens.</summary>
/// <param name="ShiftAndScale">Applied after the norm.</param>
/// <param name="Gate">Factor on the sublayer's result, <c>[groups, C]</c>.</param>
internal readonly record struct SublayerModulation(Modulation ShiftAndScale, Tensor Gate);

/// <summary>The modulation of one block in one step: <c>(shift, scale, gate)</c> for its attention and for its MLP.</summary>
/// <param name="parts">Six parts <c>[6, groups, C]</c>; disposed with this object.</param>
/// <param name="rowsPerGroup">Consecutive tokens that share one group.</param>
internal sealed class BlockModulation(Tensor parts, int rowsPerGroup) : IDisposable
{
    /// <summary>Consecutive tokens that share one group.</summary>
    public int RowsPerGroup => rowsPerGroup;

    /// <summary>Of the self attention.</summary>
    public SublayerModulation Attention => Sublayer(0);

    /// <summary>Of the MLP.</summary>
    public SublayerModulation Mlp => Sublayer(3);

    public void Dispose() => parts.Dispose();

    private SublayerModulation Sublayer(int first) =>
        new(new Modulation(parts.Slice(first, 1), parts.Slice(first + 1, 1), rowsPerGroup), parts.Slice(first + 2, 1));
}
