using OnDeviceSora.Autoencoder;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Autoencoder;

/// <summary>Cutting and blending. A decoder that looks at one cell at a time must give the same in tiles as in one piece.</summary>
public sealed class PictureTilesTests
{
    [Theory]
    [InlineData(8, 8, 8)]
    [InlineData(9, 17, 8)]
    [InlineData(8, 40, 8)]
    [InlineData(23, 5, 8)]
    [InlineData(31, 33, 16)]
    public void Tiles_of_a_local_decoder_join_without_a_seam(int height, int width, int side)
    {
        using var engine = new ComputeEngine(2);
        using var latents = engine.Allocate(1, height, width, 3);
        var random = new Random(7);
        foreach (ref var value in latents.Span) value = random.NextSingle() * 2 - 1;
        using var whole = Double(engine, latents);
        var tiles = 0;
        using var tiled = new PictureTiles(engine, side, factor: 2).Decode(latents, tile =>
        {
            tiles++;
            Assert.True(tile.Shape[1] <= side && tile.Shape[2] <= side);
            return Double(engine, tile);
        });

        Assert.Equal(height <= side && width <= side, tiles == 1);
        Assert.Equal(whole.Shape, tiled.Shape);
        for (var i = 0; i < whole.Length; i++) Assert.Equal(whole.Span[i], tiled.Span[i], 1e-5f);
    }

    private static Tensor Double(ComputeEngine engine, Tensor latents)
    {
        var picture = engine.Allocate(1, 2 * latents.Shape[1], 2 * latents.Shape[2], 3);
        UpsampleNearest.Run(engine, latents, picture);
        return picture;
    }
}
