using OnDeviceSora.Autoencoder;
using OnDeviceSora.Bench.Synthesis;
using OnDeviceSora.Benchmarks;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Pipeline.Planning;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Works;

/// <summary>
/// One chunk of latents through the decoders of Open-Sora's video autoencoder: the temporal model, then the 2D model on each picture.
/// Both stay in memory, so that no weights are read meanwhile.
/// </summary>
internal sealed class VideoDecodingWork : IBenchmarkWork
{
    private static readonly VaeConfig Config = FullSizeModel.Config.Vae;

    private static readonly List<ExpectedTensor> Tensors =
        [.. TensorNames.Vae(Config).Where(tensor => !tensor.Name.Contains(".encoder.", StringComparison.Ordinal))];

    private readonly VideoSize _video;
    private readonly LatentSize _size;

    /// <summary>Describes it.</summary>
    /// <param name="engine">Where it will run.</param>
    /// <param name="video">The video, of one chunk of frames at most.</param>
    public VideoDecodingWork(ComputeEngine engine, VideoSize video)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(video.Frames, Config.MicroFrameSize);
        (_video, _size) = (video, LatentSize.Of(Config, video.Frames, video.Height, video.Width));
        Operations = DecoderWork.Temporal(engine, Config, _size, video.Frames).Operations + DecoderWork.Spatial(engine, Config, _size, video.Frames, tile: null).Operations;
    }

    /// <inheritdoc/>
    public string Name => $"VAE decode {_video}";

    /// <summary>Convolutions know no 8-bit weights.</summary>
    public IReadOnlyList<ProductPrecision> Precisions { get; } = [ProductPrecision.Fp32, ProductPrecision.Bf16];

    /// <inheritdoc/>
    public double Operations { get; }

    /// <inheritdoc/>
    public double Weights { get; } = Tensors.Sum(tensor => tensor.Shape.Aggregate(1.0, (a, b) => a * b));

    /// <inheritdoc/>
    public IPreparedWork Prepare(ComputeEngine engine, ProductPrecision precision) => new Decoder(engine, this, precision);

    private sealed class Decoder : IPreparedWork
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("sora-bench-").FullName;
        private readonly ComputeEngine _engine;
        private readonly VideoDecodingWork _work;
        private readonly Checkpoint _checkpoint;
        private readonly TemporalDecoder _temporal;
        private readonly PartSequence _spatial;
        private readonly Tensor _latents;

        public Decoder(ComputeEngine engine, VideoDecodingWork work, ProductPrecision precision)
        {
            (_engine, _work) = (engine, work);
            var file = Path.Combine(_folder, "vae.safetensors");
            SyntheticFile.Write(file, new SyntheticWeights(Tensors, seed: 1), Tensors, precision == ProductPrecision.Bf16 ? ElementType.BF16 : ElementType.F32, default);
            _checkpoint = Checkpoint.Open(file);
            var resident = StreamingSettings.AllResident with { PlannedWorkingBytes = FullSizeModel.PlannedWorkingBytes };
            _temporal = TemporalDecoder.Load(engine, _checkpoint, Config.Temporal, resident);
            _spatial = SpatialDecoder.Load(engine, _checkpoint, Config.Spatial, resident);
            _latents = RandomTensors.Normal(engine, 1, work._size.Frames, work._size.Height, work._size.Width, Config.LatentChannels);
        }

        public void Run()
        {
            using var pictures = _temporal.Run(_latents, _work._video.Frames, default);
            for (var i = 0; i < pictures.Shape[0]; i++) DecodePicture(pictures.Slice(i, 1));
        }

        /// <summary>One latent frame and one picture; the first time also loads the weights.</summary>
        public double WarmUp()
        {
            var first = _latents.Slice(0, 1);
            using var picture = _temporal.Run(first, 1, default);
            DecodePicture(picture);
            return Timing.SecondsOf(() => _temporal.Run(first, 1, default).Dispose()) * _work._size.Frames + Timing.SecondsOf(() => DecodePicture(picture)) * _work._video.Frames;
        }

        public void Dispose()
        {
            _latents.Dispose();
            _temporal.Dispose();
            _spatial.Dispose();
            _checkpoint.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        private void DecodePicture(Tensor latents) => _spatial.Run(latents, default).Dispose();
    }
}
