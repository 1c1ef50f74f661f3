namespace OnDeviceSora.Diffusion;

/// <summary>Which latent frames are being denoised; the others are clean and condition them (the reference's <c>x_mask</c>).</summary>
/// <param name="active">Batch by frames, row-major: true where the frame is being denoised.</param>
/// <param name="frames">Latent frames.</param>
internal sealed class ActiveFrames(IReadOnlyList<bool> active, int frames)
{
    /// <summary>Whether a frame is being denoised.</summary>
    public bool IsActive(int item, int frame) => active[item * frames + frame];
}
