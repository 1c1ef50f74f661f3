using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>What a video transformer is asked in one step.</summary>
public sealed record VelocityQuery
{
    /// <summary>
    /// Latents <c>[2 x videos, channels, frames, height, width]</c>: all videos for their prompts, then the same again for the
    /// null prompt.
    /// </summary>
    public required Tensor Latents { get; init; }

    /// <summary>Timestep of every row, (0, 1000].</summary>
    public required float Timestep { get; init; }

    /// <summary>
    /// For each row and frame, <c>[2 x videos, frames]</c> row by row: whether the frame is being denoised at
    /// <see cref="Timestep"/> (true) or is a given frame at timestep 0 (false). <c>null</c> when there is no frame mask.
    /// </summary>
    public IReadOnlyList<bool>? ActiveFrames { get; init; }

    /// <summary>Whether neighbouring frames are merged in the attention layers of this step (paper, section 5).</summary>
    public bool MergeTokens { get; init; }
}
