using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>Brings channels-first goldens to the engine's channels-last layout and back.</summary>
internal static class Pictures
{
    /// <summary><c>[n, channels, h, w]</c> to <c>[n, h, w, channels]</c>.</summary>
    public static Tensor ChannelsLast(ComputeEngine engine, GoldenTensor pictures)
    {
        var (n, channels, height, width) = (pictures.Shape[0], pictures.Shape[1], pictures.Shape[2], pictures.Shape[3]);
        using var source = engine.From(pictures.Floats(), pictures.Shape);
        var result = engine.Allocate(n, height, width, channels);
        for (var i = 0; i < n; i++) ChannelOrder.ToLast(engine, source.Slice(i, 1).Reshape(channels, height, width), result.Slice(i, 1));
        return result;
    }

    /// <summary>Item <paramref name="index"/> of <c>[batch, channels, frames, h, w]</c> to <c>[frames, h, w, channels]</c>.</summary>
    public static Tensor VideoChannelsLast(ComputeEngine engine, GoldenTensor videos, int index)
    {
        var shape = videos.Shape;
        using var all = engine.From(videos.Floats(), shape);
        var result = engine.Allocate(shape[2], shape[3], shape[4], shape[1]);
        ChannelOrder.ToLast(engine, all.Slice(index, 1).Reshape(shape.AsSpan(1)), result);
        return result;
    }

    /// <summary><c>[n, h, w, channels]</c> to <c>[n, channels, h, w]</c>.</summary>
    public static float[] ChannelsFirst(Tensor pictures)
    {
        var area = pictures.Shape[1] * pictures.Shape[2];
        return Transposed(pictures.Span, pictures.Shape[0], area, pictures.Shape[3]);
    }

    /// <summary><c>[frames, h, w, channels]</c> to <c>[channels, frames, h, w]</c>.</summary>
    public static float[] VideoChannelsFirst(Tensor video) =>
        Transposed(video.Span, 1, video.Shape[0] * video.Shape[1] * video.Shape[2], video.Shape[3]);

    private static float[] Transposed(ReadOnlySpan<float> values, int items, int positions, int channels)
    {
        var result = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (item, position, channel) = (i / (positions * channels), i / channels % positions, i % channels);
            result[(item * channels + channel) * positions + position] = values[i];
        }
        return result;
    }
}
