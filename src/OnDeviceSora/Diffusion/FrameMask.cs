namespace OnDeviceSora.Diffusion;

/// <summary>Which latent frames are being denoised; the others are clean and condition them (the reference's <c>x_mask</c>).</summary>
/// <param name="noisy">Batch by frames, row-major: true where the frame is being denoised.</param>
/// <param name="frames">Latent frames.</param>
internal sealed class FrameMask(bool[] noisy, int frames)
{
    /// <summary>Batch items.</summary>
    public int Batch => noisy.Length / frames;

    /// <summary>Whether a frame is being denoised.</summary>
    public bool IsNoisy(int item, int frame) => noisy[item * frames + frame];

    /// <summary>The mask for a batch that holds these items twice: prompt and null prompt.</summary>
    public FrameMask Doubled() => new([.. noisy, .. noisy], frames);
}
