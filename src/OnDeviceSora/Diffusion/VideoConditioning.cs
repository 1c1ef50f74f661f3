using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>
/// What the transformer knows of a video before its first step, and computes once: caption, frame rate, and the place of every
/// patch. What belongs to frames at timestep 0 is computed when a step first has such frames, and kept, too.
/// </summary>
/// <param name="text">Captions; the caller keeps them.</param>
/// <param name="grid">How the latents are cut into patches.</param>
/// <param name="frameRate">Embedding of the frame rate, <c>[1, C]</c>; disposed with this object.</param>
/// <param name="positions">Embedding of each patch's place, <c>[patches, C]</c>; disposed with this object.</param>
internal sealed class VideoConditioning(TextConditioning text, PatchGrid grid, Tensor frameRate, Tensor positions) : IDisposable
{
    private TimeEmbedding? _clean;

    /// <summary>The captions.</summary>
    public TextConditioning Text => text;

    /// <summary>How the latents are cut into patches.</summary>
    public PatchGrid Grid => grid;

    /// <summary>Embedding of the frame rate, <c>[1, C]</c>.</summary>
    public Tensor FrameRate => frameRate;

    /// <summary>Embedding of each patch's place, <c>[patches, C]</c>.</summary>
    public Tensor Positions => positions;

    /// <summary>The embedding of timestep 0, the same in every step.</summary>
    /// <param name="embed">Computes it for the whole batch, if it is not there yet.</param>
    public TimeEmbedding Clean(Func<TimeEmbedding> embed) => _clean ??= embed();

    public void Dispose()
    {
        frameRate.Dispose();
        positions.Dispose();
        _clean?.Dispose();
    }
}
