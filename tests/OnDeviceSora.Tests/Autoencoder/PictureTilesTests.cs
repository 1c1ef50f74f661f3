using OnDeviceSora.Autoencoder;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Autoencoder;

public sealed class PictureTilesTests : IDisposable
{
    private readonly ComputeEngine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData(8, 8, 8)]
    [InlineData(8, 9, 8)]
    [InlineData(8, 30, 17)]
    [InlineData(9, 23, 5)]
    [InlineData(4, 4, 15)]
    public void A_decoder_that_sees_only_its_pixel_gives_the_whole_picture_back(int side, int height, int width)
    {
        using var latents = _engine.Allocate(1, height, width, 3);
        for (var i = 0; i < latents.Length; i++) latents.Span[i] = (i * 7919 % 101) / 100f;
        using var picture = new PictureTiles(_engine, side, factor: 2).Decode(latents, Enlarge);
        using var expected = Enlarge(latents);
        Assert.Equal(expected.Shape, picture.Shape);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected.Span[i], picture.Span[i], 1e-5);
    }

    [Fact]
    public void Tiles_have_the_chosen_side_and_overlap()
    {
        var shapes = new List<Shape>();
        using var latents = _engine.AllocateZeroed(1, 20, 8, 3);
        using var picture = new PictureTiles(_engine, 8, factor: 2).Decode(latents, tile =>
        {
            shapes.Add(tile.Shape);
            return Enlarge(tile);
        });
        // Rows 0-7, 6-13, 12-19.
        Assert.Equal(Enumerable.Repeat(new Shape(1, 8, 8, 3), 3), shapes);
    }

    [Fact]
    public void The_seam_between_two_tiles_is_a_ramp_without_jumps()
    {
        // Each tile is decoded to a constant: 0 for the first, 1 for the second.
        using var latents = _engine.AllocateZeroed(1, 8, 14, 3);
        var tiles = 0;
        using var picture = new PictureTiles(_engine, 8, factor: 4).Decode(latents, tile =>
        {
            var decoded = _engine.Allocate(1, tile.Shape[1] * 4, tile.Shape[2] * 4, 3);
            decoded.Span.Fill(tiles++);
            return decoded;
        });
        var row = Enumerable.Range(0, 14 * 4).Select(x => picture.Span[x * 3]).ToArray();
        Assert.Equal(2, tiles);
        Assert.Equal(0, row[0]);
        Assert.Equal(1, row[^1]);
        for (var x = 1; x < row.Length; x++) Assert.InRange(row[x] - row[x - 1], 0, 0.2f);
    }

    [Fact]
    public void A_failing_decoder_leaves_nothing_behind()
    {
        using var latents = _engine.AllocateZeroed(1, 20, 20, 3);
        var before = _engine.Memory.CurrentBytes;
        Assert.Throws<OperationCanceledException>(() => new PictureTiles(_engine, 8, 2).Decode(latents, _ => throw new OperationCanceledException()));
        Assert.Equal(before, _engine.Memory.CurrentBytes);
    }

    private Tensor Enlarge(Tensor tile)
    {
        var enlarged = _engine.Allocate(tile.Shape[0], 2 * tile.Shape[1], 2 * tile.Shape[2], tile.Shape[3]);
        UpsampleNearest.Run(_engine, tile, enlarged);
        return enlarged;
    }
}
