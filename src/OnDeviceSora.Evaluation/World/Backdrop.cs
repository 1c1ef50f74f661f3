namespace OnDeviceSora.Evaluation.World;

/// <summary>The pictures of the backgrounds: <see cref="Clip.Side"/> squared pixels, row by row.</summary>
internal static class Backdrop
{
    private static readonly Rgb Starlight = new(250, 250, 235);

    /// <summary>The stars of the night, always the same: column, row, and how far towards <see cref="Starlight"/>.</summary>
    private static readonly (int X, int Y, float Light)[] Stars =
    [
        (59, 57, 0.6831f), (39, 26, 0.9086f), (43, 28, 0.7646f), (56, 29, 0.7071f), (36, 34, 0.6984f), (49, 32, 0.5738f), (52, 30, 0.4559f),
        (14, 57, 0.5462f), (4, 47, 0.7960f), (19, 46, 0.5503f), (18, 40, 0.6348f), (55, 36, 0.4519f), (57, 20, 0.8650f), (1, 57, 0.5272f),
        (31, 27, 0.5838f), (51, 13, 0.8902f), (9, 49, 0.7049f), (50, 10, 0.8736f), (8, 49, 0.7699f), (30, 35, 0.8209f), (51, 7, 0.4957f),
        (19, 3, 0.7206f), (22, 26, 0.7039f), (18, 3, 0.8857f), (45, 9, 0.6306f), (16, 30, 0.7491f),
    ];

    private static readonly Rgb[][] Pictures =
    [
        Gradient(new(8, 8, 8), new(8, 8, 8)),
        Gradient(new(125, 125, 125), new(125, 125, 125)),
        WithStars(Gradient(new(10, 12, 40), new(35, 40, 95))),
        Gradient(new(80, 40, 115), new(240, 135, 85)),
        Bands(new(150, 200, 240), new(70, 135, 60), 36),
        Bands(new(190, 220, 240), new(35, 95, 165), 34),
        Bands(new(165, 205, 235), new(222, 188, 130), 38),
    ];

    /// <summary>A background's picture.</summary>
    public static ReadOnlySpan<Rgb> Picture(this Background background) => Pictures[(int)background];

    private static Rgb[] Gradient(Rgb top, Rgb bottom) => Rows(y => Rgb.Between(top, bottom, y / Clip.Side));

    /// <summary>Sky and ground with a soft edge at the horizon.</summary>
    private static Rgb[] Bands(Rgb top, Rgb bottom, float horizon) => Rows(y => Rgb.Between(top, bottom, Math.Clamp(y - horizon + 0.5f, 0, 1)));

    private static Rgb[] Rows(Func<float, Rgb> colourAt) =>
        [.. Enumerable.Range(0, Clip.Pixels).Select(pixel => colourAt(pixel / Clip.Side + 0.5f))];

    private static Rgb[] WithStars(Rgb[] sky)
    {
        foreach (var (x, y, light) in Stars)
        {
            ref var pixel = ref sky[y * Clip.Side + x];
            pixel = Rgb.Between(pixel, Starlight, light);
        }

        return sky;
    }
}
