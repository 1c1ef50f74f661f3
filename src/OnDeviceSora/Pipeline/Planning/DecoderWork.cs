using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>
/// What decoding takes: a mirror in numbers of <see cref="VideoDecoder"/> and the parts of its two models, each of which walks
/// through its parts with the number of positions that the running value has.
/// </summary>
internal sealed class DecoderWork
{
    private const int FiltersAtATime = 32;

    private readonly ComputeEngine _engine;
    private readonly PeakMeter _meter;
    private (int Frames, int Height, int Width) _size;
    private long _reordered;
    private double _operations;

    private DecoderWork(ComputeEngine engine, long held, (int Frames, int Height, int Width) size) => (_engine, _meter, _size) = (engine, new PeakMeter(held), size);

    private long Positions => (long)_size.Frames * _size.Height * _size.Width;

    /// <summary>The temporal model, all chunks.</summary>
    /// <param name="engine">Where it will run.</param>
    /// <param name="config">The autoencoder's sizes.</param>
    /// <param name="size">The video's latents.</param>
    /// <param name="frames">Frames of the video.</param>
    public static StageWork Temporal(ComputeEngine engine, VaeConfig config, LatentSize size, int frames)
    {
        var (temporal, channels, area) = (config.Temporal, config.LatentChannels, (long)size.Height * size.Width);
        var chunk = Math.Min(config.MicroLatentFrames, size.Frames);
        var work = new DecoderWork(engine, LatentBytes(config, size, frames) + sizeof(float) * channels * chunk * area, (chunk, size.Height, size.Width));
        var last = temporal.ChannelMultipliers.Length - 1;
        work.Convolve(channels, channels, TemporalLayers.Pointwise);
        work.Convolve(channels, temporal.StageChannels(last), TemporalLayers.Causal3());
        for (var j = 0; j < temporal.NumResBlocks; j++) work.Residual(temporal.StageChannels(last), temporal.StageChannels(last), TemporalLayers.Causal3());
        for (var stage = last; stage >= 0; stage--)
        {
            var outputs = temporal.StageChannels(stage);
            for (var j = 0; j < temporal.NumResBlocks; j++) work.Residual(j == 0 ? temporal.StageChannels(Math.Min(stage + 1, last)) : outputs, outputs, TemporalLayers.Causal3());
            if (stage == 0 || !temporal.TemporalDownsample[stage - 1]) continue;
            work.Convolve(outputs, 2 * outputs, TemporalLayers.Causal3());
            work._meter.Floats(4.0 * outputs * work.Positions);
            work._size.Frames *= 2;
        }
        work.Convolve(temporal.StageChannels(0), channels, TemporalLayers.Causal3());
        work._meter.Floats(2.0 * channels * work.Positions);
        return work.Result((double)size.Frames / chunk);
    }

    /// <summary>The 2D model, all pictures.</summary>
    /// <param name="engine">Where it will run.</param>
    /// <param name="config">The autoencoder's sizes.</param>
    /// <param name="size">The video's latents.</param>
    /// <param name="frames">Frames of the video.</param>
    /// <param name="tile">Side of the tiles in which pictures are decoded, in latent cells, or <c>null</c>.</param>
    public static StageWork Spatial(ComputeEngine engine, VaeConfig config, LatentSize size, int frames, int? tile)
    {
        var (spatial, factor) = (config.Spatial, config.Spatial.Factor);
        var tiled = tile is { } side && (size.Height > side || size.Width > side);
        var (height, width) = tiled ? (Math.Min(tile!.Value, size.Height), Math.Min(tile.Value, size.Width)) : (size.Height, size.Width);
        // Tiles: the picture, a weight for each of its pixels, and the tile's latents.
        var pixels = (double)size.Height * size.Width * factor * factor;
        var held = LatentBytes(config, size, frames) + (tiled ? (long)(sizeof(float) * (4 * pixels + (double)height * width * config.LatentChannels)) : 0);
        var work = new DecoderWork(engine, held, (1, height, width));
        var channels = spatial.BlockOutChannels;
        work.Convolve(config.LatentChannels, config.LatentChannels, SpatialLayers.Pointwise);
        work.Convolve(config.LatentChannels, channels[^1], SpatialLayers.Same3);
        work.Residual(channels[^1], channels[^1], SpatialLayers.Same3);
        work.Attend(channels[^1]);
        work.Residual(channels[^1], channels[^1], SpatialLayers.Same3);
        for (var stage = 0; stage < channels.Length; stage++)
        {
            var outputs = channels[^(stage + 1)];
            for (var j = 0; j <= spatial.LayersPerBlock; j++) work.Residual(stage > 0 && j == 0 ? channels[^stage] : outputs, outputs, SpatialLayers.Same3);
            if (stage == channels.Length - 1) break;
            work._meter.Floats(5.0 * outputs * work.Positions);
            work._size = (1, 2 * work._size.Height, 2 * work._size.Width);
            work.Convolve(outputs, outputs, SpatialLayers.Same3);
        }
        work.Convolve(channels[0], 3, SpatialLayers.Same3);
        return work.Result((double)frames * Tiles(tile, size.Height) * Tiles(tile, size.Width));
    }

    /// <summary>How often the 2D model runs for one picture along one axis; tiles overlap by a quarter.</summary>
    internal static int Tiles(int? tile, int length) => tile is { } side && length > side ? 1 + (int)Math.Ceiling((length - side) / (double)(side - side / 4)) : 1;

    /// <summary>The latents, and the 2D model's latents of all pictures.</summary>
    private static long LatentBytes(VaeConfig config, LatentSize size, int frames) =>
        sizeof(float) * config.LatentChannels * (long)size.Height * size.Width * (size.Frames + frames);

    private StageWork Result(double passes) => new(_meter.Peak + _reordered, _meter.Scratch, _operations * passes);

    /// <summary>Input and result are held.</summary>
    private void Convolve(int inputs, int outputs, in ConvolutionGeometry geometry)
    {
        _meter.Floats((double)(inputs + outputs) * Positions, GroupNorm.ScratchBytes(Positions, inputs));
        ConvolveBeside(inputs + outputs, inputs, outputs, geometry);
    }

    /// <summary>Norm and hidden value beside the input; or, where channels change, sum and hidden value.</summary>
    private void Residual(int inputs, int outputs, in ConvolutionGeometry geometry)
    {
        var held = inputs == outputs ? 3 * inputs : inputs + 2 * outputs;
        _meter.Floats((double)held * Positions, GroupNorm.ScratchBytes(Positions, Math.Max(inputs, outputs)));
        ConvolveBeside(held, inputs, outputs, geometry);
        ConvolveBeside(inputs == outputs ? 2 * inputs : held, outputs, outputs, geometry);
        if (inputs != outputs) Product(outputs, inputs);
    }

    private void Attend(int channels)
    {
        _meter.Floats(5.0 * channels * Positions);
        for (var i = 0; i < 4; i++) Product(channels, channels);
        _meter.Needs(Attention.ScratchBytes(_engine, (int)Positions, channels));
        _operations += 4.0 * Positions * Positions * channels;
    }

    /// <summary>A convolution while so many channels are held, its own among them.</summary>
    private void ConvolveBeside(int held, int inputs, int outputs, in ConvolutionGeometry geometry)
    {
        var shape = new Shape(_size.Frames, _size.Height, _size.Width, inputs);
        _meter.Floats((double)held * Positions, Convolution.WorkingBytes(_engine, shape, outputs, geometry));
        _meter.Needs(Convolution.ScratchBytes(_engine, shape, outputs, geometry));
        Count(outputs, inputs * geometry.Taps);
    }

    private void Product(int columns, int depth)
    {
        _meter.Needs(MatMul.ScratchBytes(_engine, (int)Math.Min(Positions, int.MaxValue / 2), columns, depth));
        Count(columns, depth);
    }

    private void Count(int columns, int depth)
    {
        // Filters are put in order, some at a time, while the part before computes.
        _reordered = Math.Max(_reordered, sizeof(float) * FiltersAtATime * (long)depth);
        _operations += 2.0 * Positions * columns * depth;
    }
}
