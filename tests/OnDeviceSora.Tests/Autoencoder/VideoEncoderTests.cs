using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;
using OnDeviceSora.Tests.Goldens;

namespace OnDeviceSora.Tests.Autoencoder;

public sealed class VideoEncoderTests : IDisposable
{
    private readonly ComputeEngine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 5)]
    [InlineData(18, 6)]
    public void Latents_have_the_size_the_decoder_asks_for(int frames, int latentFrames)
    {
        using var encoder = TinyModels.Encoder(_engine);
        var decoder = TinyModels.Decoder(_engine);
        using var video = Draw(frames);
        using var latents = encoder.Encode(video, null, null, CancellationToken.None);
        Assert.Equal(new Shape(4, latentFrames, 2, 3), latents.Shape);
        var decoded = 0;
        decoder.Decode(latents, frames, (_, picture) =>
        {
            decoded++;
            Assert.Equal(new Shape(16, 24, 3), picture.Shape);
        }, CancellationToken.None);
        Assert.Equal(frames, decoded);
    }

    [Fact]
    public void Noise_moves_the_latents_and_its_absence_takes_the_mean()
    {
        using var encoder = TinyModels.Encoder(_engine);
        using var video = Draw(1);
        using var zeros = _engine.AllocateZeroed(1, 4, 2, 3);
        using var ones = _engine.Allocate(1, 4, 2, 3);
        ones.Span.Fill(1);
        using var mean = encoder.Encode(video, null, null, CancellationToken.None);
        using var unmoved = encoder.Encode(video, zeros, null, CancellationToken.None);
        using var moved = encoder.Encode(video, ones, null, CancellationToken.None);
        Assert.Equal(mean.Span.ToArray(), unmoved.Span.ToArray());
        Assert.NotEqual(mean.Span.ToArray(), moved.Span.ToArray());
    }

    [Fact]
    public void Cancelling_stops_and_leaves_nothing_behind()
    {
        using var encoder = TinyModels.Encoder(_engine);
        using var video = Draw(3);
        using var source = new CancellationTokenSource();
        source.Cancel();
        var before = _engine.Memory.BytesOf(MemoryOwner.Activations);
        Assert.Throws<OperationCanceledException>(() => encoder.Encode(video, null, null, source.Token));
        Assert.Equal(before, _engine.Memory.BytesOf(MemoryOwner.Activations));
    }

    private Tensor Draw(int frames)
    {
        var video = _engine.Allocate(frames, 16, 24, 3);
        new NoiseGenerator(5).FillNormal(video.Span);
        return video;
    }
}
