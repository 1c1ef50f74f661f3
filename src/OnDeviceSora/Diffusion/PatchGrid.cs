using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>How latents are cut into patches of 1 x p x p, and put together again.</summary>
/// <param name="Frames">Latent frames T; each is one row of patches in time.</param>
/// <param name="Height">Latent height h.</param>
/// <param name="Width">Latent width w.</param>
/// <param name="PatchHeight">Latent rows in a patch.</param>
/// <param name="PatchWidth">Latent columns in a patch.</param>
internal sealed record PatchGrid(int Frames, int Height, int Width, int PatchHeight, int PatchWidth)
{
    /// <summary>Patch rows; the last one is padded with zeros if need be.</summary>
    public int Rows => (Height + PatchHeight - 1) / PatchHeight;

    /// <summary>Patch columns.</summary>
    public int Columns => (Width + PatchWidth - 1) / PatchWidth;

    /// <summary>Patches of one frame.</summary>
    public int Patches => Rows * Columns;

    /// <summary>Collects each patch's values, in the order of the patch convolution's weights: channel, row, column.</summary>
    /// <param name="latents">Latents <c>[batch, channels, T, h, w]</c>.</param>
    /// <param name="patches">Receives <c>[batch, T, patches, channels x p x p]</c>.</param>
    public void Gather(Tensor latents, Tensor patches)
    {
        patches.Span.Clear();
        var (channels, area) = (latents.Shape[1], PatchHeight * PatchWidth);
        ForEachCell(latents.Shape[0], channels, (latent, token, channel, cell) =>
            patches.Span[token * channels * area + channel * area + cell] = latents.Span[latent]);
    }

    /// <summary>Puts patches of values ordered (row, column, channel) back in place, dropping what lies in the padding.</summary>
    /// <param name="patches">Patches <c>[batch, T, patches, p x p x channels]</c>.</param>
    /// <param name="latents">Receives <c>[batch, channels, T, h, w]</c>.</param>
    public void Scatter(Tensor patches, Tensor latents)
    {
        var (channels, area) = (latents.Shape[1], PatchHeight * PatchWidth);
        ForEachCell(latents.Shape[0], channels, (latent, token, channel, cell) =>
            latents.Span[latent] = patches.Span[token * channels * area + cell * channels + channel]);
    }

    /// <summary>Visits each latent value: (its index, its token, its channel, its place within the patch).</summary>
    private void ForEachCell(int batch, int channels, Action<int, int, int, int> visit)
    {
        var latent = 0;
        for (var item = 0; item < batch; item++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                for (var frame = 0; frame < Frames; frame++)
                {
                    for (var y = 0; y < Height; y++)
                    {
                        for (var x = 0; x < Width; x++, latent++)
                        {
                            var token = ((item * Frames + frame) * Rows + y / PatchHeight) * Columns + x / PatchWidth;
                            visit(latent, token, channel, y % PatchHeight * PatchWidth + x % PatchWidth);
                        }
                    }
                }
            }
        }
    }
}
