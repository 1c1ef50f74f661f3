using OnDeviceSora.Tensors;

namespace OnDeviceSora.Acceleration;

/// <summary>
/// Temporal Dimension Token Merging (paper, section 5.2): around each attention of the first steps, neighbouring frames'
/// tokens are averaged, so that attention sees half as many tokens, and its result is copied back to both frames. The operation
/// before an attention averages while it writes, the last projection of the attention copies while it stores
/// (<see cref="Epilogue.Expansion"/>).
/// </summary>
/// <remarks>
/// The reference runs for some frame counts only. Here M = T / 2 merged frames serve any T: frame t takes merged frame
/// min(t / 2, M - 1), so that the last frame of an odd count shares the last pair's result; a single frame is not merged.
/// This equals the reference wherever that runs. Norms, gates, residuals and the MLP always see every frame.
/// </remarks>
/// <param name="Active">Whether this step merges.</param>
internal readonly record struct TemporalTokenMerging(bool Active)
{
    /// <summary>Whether a video of so many latent frames is merged in this step.</summary>
    public bool Merges(int frames) => Active && frames > 1;

    /// <summary>The pairs of frames to average and to copy back, or <c>null</c> where nothing is merged.</summary>
    /// <param name="tokens">Shape <c>[batch, frames, patches, width]</c>.</param>
    public FramePairs? PairsOf(Shape tokens) => Merges(tokens[1]) ? new FramePairs(tokens[1], tokens[2]) : null;
}
