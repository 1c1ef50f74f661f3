using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>
/// Open-Sora's video autoencoder, decoding: the temporal model a micro-frame chunk at a time, then the 2D model a picture at
/// a time, so that memory does not grow with length (specification 7; reference <c>OpenSoraVAE_V1_2</c>).
/// </summary>
internal sealed class VideoDecoder : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly VaeConfig _config;
    private readonly LatentScaling _scaling;
    private readonly TemporalDecoder _temporal;
    private readonly SpatialDecoder _spatial;
    private readonly PictureTiles? _tiles;

    private VideoDecoder(WeightLoader loader, VaeConfig config, LatentScaling scaling, int? tile)
    {
        _engine = loader.Engine;
        _config = config;
        _scaling = scaling;
        _temporal = new TemporalDecoder(loader.Within("temporal_vae"), config.Temporal);
        _spatial = new SpatialDecoder(loader.Within("spatial_vae.module"), config.Spatial);
        _tiles = tile is { } side ? new PictureTiles(_engine, side, config.Spatial.Factor) : null;
    }

    /// <summary>Reads the decoder from a checkpoint with the published names.</summary>
    /// <param name="engine">The engine that will compute.</param>
    /// <param name="checkpoint">The weights.</param>
    /// <param name="config">Their sizes.</param>
    /// <param name="tile">Side of the tiles in which pictures are decoded, in latent cells; <c>null</c> for whole pictures.</param>
    /// <exception cref="InvalidModelException">A tensor is missing or has another shape.</exception>
    public static VideoDecoder Load(ComputeEngine engine, Checkpoint checkpoint, VaeConfig config, int? tile = null) =>
        new(new WeightLoader(engine, checkpoint), config, LatentScaling.Load(checkpoint, config), tile);

    /// <summary>Decodes a video and hands over its frames one by one.</summary>
    /// <param name="latents">Normalised latents <c>[channels, T, h, w]</c>, T being that of <see cref="LatentSize"/>.</param>
    /// <param name="frames">Frames of the video.</param>
    /// <param name="onFrame">Receives each frame's index and picture <c>[8 h, 8 w, 3]</c>, about -1 to 1, valid during the call.</param>
    /// <param name="cancellation">Looked at between the parts.</param>
    public void Decode(Tensor latents, int frames, Action<int, Tensor> onFrame, CancellationToken cancellation)
    {
        var expected = LatentSize.Of(_config, frames, 0, 0).Frames;
        if (latents.Shape[1] != expected) throw new ArgumentException($"{frames} frames need {expected} latent frames; there are {latents.Shape[1]}.", nameof(latents));
        var done = 0;
        for (var first = 0; first < expected; first += _config.MicroLatentFrames)
        {
            var count = Math.Min(_config.MicroLatentFrames, expected - first);
            var wanted = Math.Min(_config.MicroFrameSize, frames - done);
            using var pictures = DecodeChunk(latents, first, count, wanted, cancellation);
            for (var i = 0; i < pictures.Shape[0]; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var picture = DecodePicture(pictures.Slice(i, 1), cancellation);
                onFrame(done++, picture.Reshape(picture.Shape[1], picture.Shape[2], picture.Shape[3]));
            }
        }
    }

    public void Dispose()
    {
        _temporal.Dispose();
        _spatial.Dispose();
    }

    /// <summary>One chunk through the temporal model: the 2D model's latents <c>[frames, h, w, channels]</c>.</summary>
    private Tensor DecodeChunk(Tensor latents, int first, int count, int frames, CancellationToken cancellation)
    {
        using var chunk = Denormalise(latents, first, count);
        var pictures = _temporal.Run(chunk, frames, cancellation);
        foreach (ref var value in pictures.Span) value /= _scaling.Spatial;
        return pictures;
    }

    /// <summary>Some latent frames, scaled back, channels-last.</summary>
    private Tensor Denormalise(Tensor latents, int first, int count)
    {
        var (channels, frames, height, width) = (latents.Shape[0], latents.Shape[1], latents.Shape[2], latents.Shape[3]);
        var area = height * width;
        var source = latents.Span;
        var chunk = _engine.Allocate(count, height, width, channels);
        var target = chunk.Span;
        for (var channel = 0; channel < channels; channel++)
        {
            for (var position = 0; position < count * area; position++)
            {
                var value = source[(channel * frames + first) * area + position];
                target[position * channels + channel] = value * _scaling.Scale[channel] + _scaling.Shift[channel];
            }
        }
        return chunk;
    }

    private Tensor DecodePicture(Tensor latents, CancellationToken cancellation) =>
        _tiles is null ? _spatial.Run(latents, cancellation) : _tiles.Decode(latents, tile => _spatial.Run(tile, cancellation));
}
