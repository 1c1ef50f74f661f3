using OnDeviceSora.Checkpoints;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>Open-Sora's video autoencoder, encoding: pictures, one by one, then chunks of 17 of their latents (specification 7).</summary>
internal sealed class VideoEncoder : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly VaeConfig _config;
    private readonly LatentScaling _scaling;
    private readonly PartSequence _spatial;
    private readonly TemporalEncoder _temporal;

    private VideoEncoder(ComputeEngine engine, Checkpoint checkpoint, VaeConfig config, StreamingSettings streaming)
    {
        _engine = engine;
        _config = config;
        _scaling = LatentScaling.Load(checkpoint, config);
        _spatial = SpatialEncoder.Load(engine, checkpoint, config.Spatial, streaming);
        _temporal = TemporalEncoder.Load(engine, checkpoint, config.Temporal, streaming);
    }

    /// <summary>Opens the encoder of a checkpoint with the published names.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="checkpoint">The weights; stays open as long as the encoder.</param>
    /// <param name="config">Their sizes.</param>
    /// <param name="streaming">How its parts come into memory; <c>null</c> to keep all once they are loaded.</param>
    /// <exception cref="InvalidModelException">A tensor is missing or has another shape.</exception>
    public static VideoEncoder Load(ComputeEngine engine, Checkpoint checkpoint, VaeConfig config, StreamingSettings? streaming = null) =>
        new(engine, checkpoint, config, streaming ?? StreamingSettings.AllResident);

    /// <summary>Encodes a video.</summary>
    /// <param name="video">Frames <c>[frames, height, width, 3]</c>, -1 to 1; height and width multiples of the factor (8).</param>
    /// <param name="spatialNoise">Normal noise for the 2D posterior, <c>[frames, channels, h, w]</c>, or <c>null</c> to take its mean.</param>
    /// <param name="temporalNoise">Normal noise for the temporal posterior, <c>[channels, T, h, w]</c>, or <c>null</c> to take its mean.</param>
    /// <param name="cancellation">Looked at between the parts.</param>
    /// <returns>Normalised latents, a new tensor <c>[channels, T, h, w]</c>.</returns>
    public Tensor Encode(Tensor video, Tensor? spatialNoise, Tensor? temporalNoise, CancellationToken cancellation)
    {
        var size = LatentSize.Of(_config, video.Shape[0], video.Shape[1], video.Shape[2]);
        using var pictures = EncodePictures(video, size, spatialNoise, cancellation);
        var latents = _engine.Allocate(_config.LatentChannels, size.Frames, size.Height, size.Width);
        try
        {
            for (var (frame, latentFrame) = (0, 0); frame < video.Shape[0]; frame += _config.MicroFrameSize, latentFrame += _config.MicroLatentFrames)
            {
                var count = Math.Min(_config.MicroFrameSize, video.Shape[0] - frame);
                using var moments = _temporal.Run(pictures.Slice(frame, count), cancellation);
                StoreChunk(moments, latentFrame, temporalNoise, latents);
            }
            return latents;
        }
        catch
        {
            latents.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _spatial.Dispose();
        _temporal.Dispose();
    }

    /// <summary>The 2D model's latents <c>[frames, h, w, channels]</c>, scaled for the temporal model.</summary>
    private Tensor EncodePictures(Tensor video, LatentSize size, Tensor? noise, CancellationToken cancellation)
    {
        var pictures = _engine.Allocate(video.Shape[0], size.Height, size.Width, _config.LatentChannels);
        try
        {
            for (var frame = 0; frame < video.Shape[0]; frame++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var moments = _spatial.Run(video.Slice(frame, 1), cancellation);
                StorePicture(moments, noise?.Slice(frame, 1), pictures.Slice(frame, 1));
            }
            return pictures;
        }
        catch
        {
            pictures.Dispose();
            throw;
        }
    }

    private void StorePicture(Tensor moments, Tensor? noise, Tensor picture)
    {
        var channels = _config.LatentChannels;
        var area = (int)(picture.Length / channels);
        for (var i = 0; i < area * channels; i++)
        {
            var (position, channel) = Math.DivRem(i, channels);
            picture.Span[i] = Posterior(moments, position, channel, noise is null ? 0 : noise.Span[channel * area + position]) * _scaling.Spatial;
        }
    }

    private void StoreChunk(Tensor moments, int firstFrame, Tensor? noise, Tensor latents)
    {
        var (channels, frames, area) = (latents.Shape[0], latents.Shape[1], latents.Shape[2] * latents.Shape[3]);
        for (var position = 0; position < moments.Shape[0] * area; position++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                var index = (channel * frames + firstFrame) * area + position;
                var sample = Posterior(moments, position, channel, noise is null ? 0 : noise.Span[index]);
                latents.Span[index] = (sample - _scaling.Shift[channel]) / _scaling.Scale[channel];
            }
        }
    }

    /// <summary>A draw from a diagonal normal distribution: mean + exp(log-variance / 2) * noise.</summary>
    private float Posterior(Tensor moments, int position, int channel, float noise)
    {
        var channels = _config.LatentChannels;
        var mean = moments.Span[position * 2 * channels + channel];
        if (noise == 0) return mean;
        var logVariance = Math.Clamp(moments.Span[position * 2 * channels + channels + channel], -30f, 20f);
        return mean + MathF.Exp(0.5f * logVariance) * noise;
    }
}
