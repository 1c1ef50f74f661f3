using OnDeviceSora.Autoencoder;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;
using OnDeviceSora.Tests.Goldens;

namespace OnDeviceSora.Tests.Autoencoder;

public sealed class VideoDecoderTests : IDisposable
{
    private readonly ComputeEngine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void Frames_come_one_by_one_in_order_and_of_the_right_size()
    {
        var decoder = TinyModels.Decoder(_engine);
        using var latents = Draw(6, 3, 4);
        var seen = new List<int>();
        decoder.Decode(latents, 20, (index, picture) =>
        {
            seen.Add(index);
            Assert.Equal(new Shape(24, 32, 3), picture.Shape);
        }, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 20), seen);
    }

    [Fact]
    public void With_the_length_of_the_video_only_its_latents_grow()
    {
        // Parts that are loaded ahead reorder their filters at moments that nobody chooses.
        var decoder = TinyModels.Decoder(_engine, streaming: new StreamingSettings { Mode = StreamingMode.Sequential });
        // The first run also makes the threads' scratch memory, which stays.
        PeakOf(decoder, 5, 17, 4, 4);
        var latents = 4 * sizeof(float) * (68 - 17) * 4 * 4;
        Assert.Equal(PeakOf(decoder, 5, 17, 4, 4) + latents, PeakOf(decoder, 20, 68, 4, 4));
    }

    [Fact]
    public void Chunks_do_not_see_each_other()
    {
        var decoder = TinyModels.Decoder(_engine);
        using var latents = Draw(10, 2, 2);
        var before = Decode(decoder, latents, 34);
        // Only the second chunk of each channel changes.
        for (var channel = 0; channel < 4; channel++) latents.Span.Slice((channel * 10 + 5) * 4, 20).Clear();
        var after = Decode(decoder, latents, 34);
        Assert.Equal(before[..17], after[..17]);
        Assert.NotEqual(before[17], after[17]);
    }

    [Fact]
    public void Tiles_bound_the_memory_and_stay_near_the_whole_picture()
    {
        var streaming = new StreamingSettings { Mode = StreamingMode.Sequential };
        var whole = TinyModels.Decoder(_engine, streaming: streaming);
        var tiled = TinyModels.Decoder(_engine, tile: 8, streaming: streaming);
        using var latents = Draw(1, 24, 20);
        var expected = Decode(whole, latents, 1)[0];
        var actual = Decode(tiled, latents, 1)[0];
        Assert.Equal(24 * 8 * 20 * 8 * 3, actual.Length);
        var deviation = Math.Sqrt(expected.Zip(actual, (e, a) => (e - a) * (e - a)).Average());
        var spread = Math.Sqrt(expected.Average(e => e * e) - Math.Pow(expected.Average(), 2));
        Assert.InRange(deviation, double.Epsilon, 0.5 * spread);
        Assert.True(PeakOf(tiled, 1, 1, 24, 20) < PeakOf(whole, 1, 1, 24, 20) / 2);
    }

    [Fact]
    public void A_picture_no_larger_than_a_tile_is_decoded_whole()
    {
        var whole = TinyModels.Decoder(_engine);
        var tiled = TinyModels.Decoder(_engine, tile: 8);
        using var latents = Draw(1, 8, 6);
        Assert.Equal(Decode(whole, latents, 1)[0], Decode(tiled, latents, 1)[0]);
    }

    [Fact]
    public void Cancelling_between_frames_stops_and_leaves_nothing_behind()
    {
        var decoder = TinyModels.Decoder(_engine);
        using var latents = Draw(5, 2, 2);
        using var source = new CancellationTokenSource();
        var before = _engine.Memory.BytesOf(MemoryOwner.Activations);
        var frames = 0;
        Assert.Throws<OperationCanceledException>(() => decoder.Decode(latents, 17, (_, _) =>
        {
            if (++frames == 3) source.Cancel();
        }, source.Token));
        Assert.Equal(3, frames);
        Assert.Equal(before, _engine.Memory.BytesOf(MemoryOwner.Activations));
    }

    [Fact]
    public void Latents_that_do_not_fit_the_frames_are_refused()
    {
        var decoder = TinyModels.Decoder(_engine);
        using var latents = Draw(5, 2, 2);
        Assert.Throws<ArgumentException>(() => Decode(decoder, latents, 34));
    }

    [Fact]
    public void Weights_are_freed_when_a_video_is_decoded_or_the_encoder_disposed()
    {
        using var latents = Draw(5, 2, 2);
        Decode(TinyModels.Decoder(_engine), latents, 17);
        using var video = _engine.AllocateZeroed(1, 16, 16, 3);
        using (var encoder = TinyModels.Encoder(_engine))
        {
            using var encoded = encoder.Encode(video, null, null, CancellationToken.None);
            Assert.NotEqual(0, _engine.Memory.BytesOf(MemoryOwner.Weights));
        }
        Assert.Equal(0, _engine.Memory.BytesOf(MemoryOwner.Weights));
    }

    private long PeakOf(VideoDecoder decoder, int latentFrames, int frames, int height, int width)
    {
        using var latents = Draw(latentFrames, height, width);
        _engine.Memory.ResetWorkingPeak();
        var before = _engine.Memory.PeakWorkingBytes;
        decoder.Decode(latents, frames, (_, _) => { }, CancellationToken.None);
        return _engine.Memory.PeakWorkingBytes - before;
    }

    private static List<float[]> Decode(VideoDecoder decoder, Tensor latents, int frames)
    {
        var pictures = new List<float[]>();
        decoder.Decode(latents, frames, (_, picture) => pictures.Add(picture.Span.ToArray()), CancellationToken.None);
        return pictures;
    }

    private Tensor Draw(int frames, int height, int width)
    {
        var latents = _engine.Allocate(4, frames, height, width);
        new NoiseGenerator(11).FillNormal(latents.Span);
        return latents;
    }
}
