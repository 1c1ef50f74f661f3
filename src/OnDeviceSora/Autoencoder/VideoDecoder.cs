using OnDeviceSora.Checkpoints;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>
/// Open-Sora's video autoencoder, decoding: the temporal model a micro-frame chunk at a time, then the 2D model a picture at
/// a time, so that memory hardly grows with length (specification 7; reference <c>OpenSoraVAE_V1_2</c>). The temporal model's
/// weights are gone before those of the 2D model come.
/// </summary>
internal sealed class VideoDecoder
{
    private readonly ComputeEngine _engine;
    private readonly Checkpoint _checkpoint;
    private readonly VaeConfig _config;
    private readonly LatentScaling _scaling;
    private readonly StreamingSettings _streaming;
    private readonly PictureTiles? _tiles;

    private VideoDecoder(ComputeEngine engine, Checkpoint checkpoint, VaeConfig config, int? tile, StreamingSettings streaming)
    {
        _engine = engine;
        _checkpoint = checkpoint;
        _config = config;
        _scaling = LatentScaling.Load(checkpoint, config);
        _streaming = streaming;
        _tiles = tile is { } side ? new PictureTiles(engine, side, config.Spatial.Factor) : null;
    }

    /// <summary>Opens the decoder of a checkpoint with the published names.</summary>
    /// <param name="engine">The engine that will compute.</param>
    /// <param name="checkpoint">The weights; stays open as long as the decoder is used.</param>
    /// <param name="config">Their sizes.</param>
    /// <param name="tile">Side of the tiles in which pictures are decoded, in latent cells; <c>null</c> for whole pictures.</param>
    /// <param name="streaming">How its parts come into memory; <c>null</c> to keep all once they are loaded.</param>
    /// <exception cref="InvalidModelException">A tensor is missing or has another shape.</exception>
    public static VideoDecoder Load(
        ComputeEngine engine, Checkpoint checkpoint, VaeConfig config, int? tile = null, StreamingSettings? streaming = null) =>
        new(engine, checkpoint, config, tile, streaming ?? StreamingSettings.AllResident);

    /// <summary>Decodes a video and hands over its frames one by one.</summary>
    /// <param name="latents">Normalised latents <c>[channels, T, h, w]</c>, T being that of <see cref="LatentSize"/>.</param>
    /// <param name="frames">Frames of the video.</param>
    /// <param name="onFrame">Receives each frame's index and picture <c>[8 h, 8 w, 3]</c>, about -1 to 1, valid during the call.</param>
    /// <param name="cancellation">Looked at between the parts.</param>
    public void Decode(Tensor latents, int frames, Action<int, Tensor> onFrame, CancellationToken cancellation)
    {
        var expected = LatentSize.Of(_config, frames, 0, 0).Frames;
        if (latents.Shape[1] != expected) throw new ArgumentException($"{frames} frames need {expected} latent frames; there are {latents.Shape[1]}.", nameof(latents));
        using var pictures = _engine.Allocate(frames, latents.Shape[2], latents.Shape[3], latents.Shape[0]);
        DecodeTime(latents, pictures, cancellation);
        DecodePictures(pictures, onFrame, cancellation);
    }

    /// <summary>The temporal model: the 2D model's latents <c>[frames, h, w, channels]</c>.</summary>
    private void DecodeTime(Tensor latents, Tensor pictures, CancellationToken cancellation)
    {
        var chunks = (latents.Shape[1] + _config.MicroLatentFrames - 1) / _config.MicroLatentFrames;
        using var temporal = TemporalDecoder.Load(_engine, _checkpoint, _config.Temporal, _streaming with { ExpectedPasses = chunks });
        var done = 0;
        for (var first = 0; first < latents.Shape[1]; first += _config.MicroLatentFrames)
        {
            using var chunk = Denormalise(latents, first, Math.Min(_config.MicroLatentFrames, latents.Shape[1] - first));
            using var decoded = temporal.Run(chunk, Math.Min(_config.MicroFrameSize, pictures.Shape[0] - done), cancellation);
            foreach (ref var value in decoded.Span) value /= _scaling.Spatial;
            pictures.Slice(done, decoded.Shape[0]).CopyFrom(decoded);
            done += decoded.Shape[0];
        }
    }

    private void DecodePictures(Tensor pictures, Action<int, Tensor> onFrame, CancellationToken cancellation)
    {
        using var spatial = SpatialDecoder.Load(_engine, _checkpoint, _config.Spatial, _streaming with { ExpectedPasses = PassesFor(pictures) });
        for (var i = 0; i < pictures.Shape[0]; i++)
        {
            var latents = pictures.Slice(i, 1);
            using var picture = _tiles is null ? spatial.Run(latents, cancellation) : _tiles.Decode(latents, tile => spatial.Run(tile, cancellation));
            onFrame(i, picture.Reshape(picture.Shape[1], picture.Shape[2], picture.Shape[3]));
        }
    }

    /// <summary>Tiles make more passes than there are pictures; how many more is not worth knowing.</summary>
    private int PassesFor(Tensor pictures) => _tiles is null ? pictures.Shape[0] : int.MaxValue;

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
}
