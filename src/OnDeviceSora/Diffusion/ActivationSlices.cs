using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>
/// In about how many slices a block computes each sublayer, one after another, so that its activations take less memory. The
/// result has the same bits for any slices.
/// </summary>
/// <param name="Attention">Self attention: spatial by frames, temporal by patches.</param>
/// <param name="CrossAttention">Cross attention: by tokens, or by pairs of frames where those are merged.</param>
/// <param name="Mlp">MLP: by tokens.</param>
internal readonly record struct ActivationSlices(int Attention, int CrossAttention, int Mlp)
{
    /// <summary>Tokens of an MLP whose hidden values, of 8 bits at the published width, stay in a cache of several megabytes until they are read again.</summary>
    private const int CachedTokens = 1280;

    /// <summary>Every sublayer as a whole.</summary>
    public static ActivationSlices Whole => new(1, 1, 1);

    /// <summary>The fastest for a video that has memory enough.</summary>
    /// <param name="tokens">Shape <c>[batch, frames, patches, width]</c>.</param>
    public static ActivationSlices Fastest(Shape tokens) => Whole with { Mlp = (int)Math.Max(1, tokens.Length / tokens[-1] / CachedTokens) };
}
