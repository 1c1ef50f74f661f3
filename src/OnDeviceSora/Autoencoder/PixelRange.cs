using OnDeviceSora.Media;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>From the autoencoder's range, -1 to 1, to 8 bits (specification 10).</summary>
internal static class PixelRange
{
    /// <summary>The nearest of 256 levels; values outside the range, and NaN, become the nearest end or 0.</summary>
    public static byte ToByte(float value)
    {
        var level = (Math.Clamp(value, -1f, 1f) + 1) / 2;
        return (byte)Math.Clamp(level * 255 + 0.5f, 0f, 255f);
    }

    /// <summary>A decoded picture as a frame.</summary>
    /// <param name="picture">Picture <c>[height, width, 3]</c>.</param>
    public static VideoFrame ToFrame(Tensor picture)
    {
        var (height, width) = (picture.Shape[0], picture.Shape[1]);
        var rgb = new byte[height * width * 3];
        var values = picture.Span;
        for (var i = 0; i < rgb.Length; i++) rgb[i] = ToByte(values[i]);
        return new VideoFrame(width, height, rgb);
    }
}
