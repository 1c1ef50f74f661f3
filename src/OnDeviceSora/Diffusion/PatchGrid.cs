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
        var source = latents.Span;
        var target = patches.Span;
        var (channels, area) = (latents.Shape[1], PatchHeight * PatchWidth);
        for (var (row, latent) = (0, 0); latent < source.Length; row++)
        {
            var (place, channel, cell) = LatentRow(row, channels);
            for (var x = 0; x < Width; x++, latent++)
                target[(place + x / PatchWidth) * channels * area + channel * area + cell + x % PatchWidth] = source[latent];
        }
    }

    /// <summary>Puts patches of values ordered (row, column, channel) back in place, dropping what lies in the padding.</summary>
    /// <param name="patches">Patches <c>[batch, T, patches, p x p x channels]</c>.</param>
    /// <param name="latents">Receives <c>[batch, channels, T, h, w]</c>.</param>
    public void Scatter(Tensor patches, Tensor latents)
    {
        var source = patches.Span;
        var target = latents.Span;
        var (channels, area) = (latents.Shape[1], PatchHeight * PatchWidth);
        for (var (row, latent) = (0, 0); latent < target.Length; row++)
        {
            var (place, channel, cell) = LatentRow(row, channels);
            for (var x = 0; x < Width; x++, latent++)
                target[latent] = source[(place + x / PatchWidth) * channels * area + (cell + x % PatchWidth) * channels + channel];
        }
    }

    /// <summary>Where a row of the latents begins: the patch of its first value, its channel, and that value's place within the patch.</summary>
    /// <param name="row">Row, counted over items, channels, frames and y.</param>
    /// <param name="channels">Channels of the latents.</param>
    private (int Patch, int Channel, int Cell) LatentRow(int row, int channels)
    {
        var (plane, y) = Math.DivRem(row, Height);
        var (map, frame) = Math.DivRem(plane, Frames);
        var (item, channel) = Math.DivRem(map, channels);
        return (((item * Frames + frame) * Rows + y / PatchHeight) * Columns, channel, y % PatchHeight * PatchWidth);
    }
}
