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
    /// <summary>Every sublayer as a whole: the fastest.</summary>
    public static ActivationSlices Whole => new(1, 1, 1);
}
