using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>
/// Decodes a picture in square tiles that overlap by a quarter and are blended linearly, so that memory depends on the tile
/// and not on the picture. Norms see one tile at a time, so the result differs slightly from that of the whole picture.
/// </summary>
/// <param name="engine">Whose memory holds the picture.</param>
/// <param name="side">Side of a tile in latent cells, at least 4.</param>
/// <param name="factor">Pixels on the side of a latent cell.</param>
internal sealed class PictureTiles(ComputeEngine engine, int side, int factor)
{
    private readonly int _overlap = side / 4;

    /// <summary>Decodes one picture.</summary>
    /// <param name="latents">Latents <c>[1, h, w, channels]</c>.</param>
    /// <param name="decode">Decodes one tile of them into a new tensor <c>[1, factor h, factor w, 3]</c>.</param>
    /// <returns>A new tensor <c>[1, factor h, factor w, 3]</c>.</returns>
    public Tensor Decode(Tensor latents, Func<Tensor, Tensor> decode)
    {
        var (height, width) = (latents.Shape[1], latents.Shape[2]);
        if (height <= side && width <= side) return decode(latents);
        var picture = engine.AllocateZeroed(1, height * factor, width * factor, 3);
        using var weights = engine.AllocateZeroed(height * factor, width * factor);
        foreach (var top in Starts(height))
        {
            foreach (var left in Starts(width))
            {
                using var tile = Cut(latents, top, left);
                using var decoded = decode(tile);
                Blend(decoded, top * factor, left * factor, picture, weights);
            }
        }
        var values = picture.Span;
        for (var i = 0; i < values.Length; i++) values[i] /= weights.Span[i / 3];
        return picture;
    }

    /// <summary>First cells of the tiles along an axis; the last tile ends with the axis.</summary>
    private IEnumerable<int> Starts(int length)
    {
        for (var start = 0; ; start += side - _overlap)
        {
            if (start + side >= length)
            {
                yield return Math.Max(0, length - side);
                yield break;
            }
            yield return start;
        }
    }

    private Tensor Cut(Tensor latents, int top, int left)
    {
        var (height, width, channels) = (Math.Min(side, latents.Shape[1]), Math.Min(side, latents.Shape[2]), latents.Shape[3]);
        var tile = engine.Allocate(1, height, width, channels);
        for (var y = 0; y < height; y++)
        {
            latents.Span.Slice(((top + y) * latents.Shape[2] + left) * channels, width * channels).CopyTo(tile.Span[(y * width * channels)..]);
        }
        return tile;
    }

    private void Blend(Tensor tile, int top, int left, Tensor picture, Tensor weights)
    {
        var (height, width, pictureWidth) = (tile.Shape[1], tile.Shape[2], picture.Shape[2]);
        var source = tile.Span;
        var target = picture.Span;
        var sums = weights.Span;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var weight = Ramp(y, height) * Ramp(x, width);
                var position = (top + y) * pictureWidth + left + x;
                sums[position] += weight;
                for (var c = 0; c < 3; c++) target[position * 3 + c] += weight * source[(y * width + x) * 3 + c];
            }
        }
    }

    /// <summary>A tile's weight rises over its overlap. At the picture's edge the sum of weights takes the ramp out again.</summary>
    private float Ramp(int position, int length)
    {
        var ramp = Math.Max(1, _overlap * factor);
        return Math.Min(1f, Math.Min((position + 0.5f) / ramp, (length - position - 0.5f) / ramp));
    }
}
