using OnDeviceSora.Acceleration;
using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Benchmarks;

/// <summary>
/// Spatial and temporal blocks of STDiT3-XL/2 on a video, for the prompt and the null prompt in one batch. A step is all 28 pairs of
/// them; what stands around the blocks (patch embedding, final layer) is less than a thousandth of its arithmetic and left out.
/// </summary>
internal sealed class BlockPairsWork : IBenchmarkWork
{
    private const int Batch = 2;
    private const int TextTokens = 30;

    private static readonly STDiT3Config Config = FullSizeModel.Config.Transformer;

    private readonly int _pairs;
    private readonly LatentSize _size;

    private BlockPairsWork(string name, int pairs, VideoSize video)
    {
        (Name, _pairs) = ($"{name} {video}", pairs);
        _size = LatentSize.Of(FullSizeModel.Config.Vae, video.Frames, video.Height, video.Width);
        Patches = new PatchGrid(_size.Frames, _size.Height, _size.Width, Config.PatchSize.Height, Config.PatchSize.Width).Patches;
    }

    /// <summary>One spatial and one temporal block.</summary>
    public static BlockPairsWork Pair(VideoSize video) => new("block pair", 1, video);

    /// <summary>All blocks.</summary>
    public static BlockPairsWork Step(VideoSize video) => new("STDiT3 step", Config.Depth, video);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Specification, section 15: linear layers 28 N C^2 a block, attention 4 T S^2 C and 4 S T^2 C, cross 4 N L C.</summary>
    public double Operations
    {
        get
        {
            double n = Tokens, c = Config.HiddenSize;
            var linear = 2 * 28 * n * c * c;
            var attention = 4.0 * n * Patches * c + 4.0 * n * _size.Frames * c;
            var text = 2 * (4 * n * TextTokens * c + 4 * TextTokens * c * c);
            return _pairs * Batch * (linear + attention + text);
        }
    }

    /// <summary>16 C^2 a block: 4 in attention, 4 in cross attention, 8 in the MLP.</summary>
    public double Weights => _pairs * 2 * 16.0 * Config.HiddenSize * Config.HiddenSize;

    /// <summary>Tokens of a video, patches of all latent frames.</summary>
    public int Tokens => _size.Frames * Patches;

    private int Patches { get; }

    /// <inheritdoc/>
    public IPreparedWork Prepare(ComputeEngine engine, ProductPrecision precision) => new Blocks(engine, this, precision);

    private sealed class Blocks : IPreparedWork
    {
        private readonly ComputeEngine _engine;
        private readonly Tensor _start;
        private readonly RopeTables _rope;
        private readonly Tensor _timestep;
        private readonly StepModulation _modulation;
        private readonly List<STDiT3BlockWeights> _weights;

        public Blocks(ComputeEngine engine, BlockPairsWork work, ProductPrecision precision)
        {
            var (frames, patches, width) = (work._size.Frames, work.Patches, Config.HiddenSize);
            _engine = engine;
            engine.Memory.ReuseWithin(FullSizeModel.PlannedWorkingBytes);
            _start = RandomTensors.Normal(engine, 1, Batch, frames, patches, width);
            _rope = new RopeTables(engine, [.. Enumerable.Range(0, Config.HeadSize / 2).Select(i => MathF.Pow(10000, -2f * i / Config.HeadSize))]);
            _timestep = RandomTensors.Normal(engine, 0.1f, Batch, 6 * width);
            _modulation = StepModulation.Create(engine, _timestep, null, null, frames, patches);
            _weights = [.. Enumerable.Range(0, 2 * work._pairs).Select(_ => RandomBlock(engine, precision))];
        }

        public void Run() => Run(_weights.Count);

        /// <summary>One pair shows what all will take.</summary>
        public double WarmUp()
        {
            Run(2);
            return Timing.SecondsOf(() => Run(2)) * _weights.Count / 2;
        }

        public void Dispose()
        {
            _start.Dispose();
            _rope.Dispose();
            _modulation.Dispose();
            _timestep.Dispose();
            foreach (var weights in _weights) weights.Dispose();
        }

        /// <summary>The caption is made anew each time, so that its keys and values are computed in every run, as in the reference.</summary>
        private void Run(int blocks)
        {
            using var text = new TextConditioning(_engine, RandomTensors.Normal(_engine, 1, Batch, TextTokens, Config.HiddenSize), [TextTokens, TextTokens]);
            using var tokens = _engine.Allocate(_start.Shape.Extents);
            tokens.CopyFrom(_start);
            var step = new STDiT3Step(_modulation, text, new TemporalTokenMerging(Active: false), _rope, ActivationSlices.Fastest(tokens.Shape));
            for (var i = 0; i < blocks; i++) new STDiT3Block(_engine, _weights[i], Config.NumHeads, BlockName.At(i)).Forward(tokens, step);
        }

        private static STDiT3BlockWeights RandomBlock(ComputeEngine engine, ProductPrecision precision)
        {
            var width = Config.HiddenSize;
            return new STDiT3BlockWeights
            {
                ScaleShiftTable = RandomTensors.Normal(engine, 0.1f, 6, width),
                Qkv = RandomTensors.Linear(engine, precision, width, 3 * width),
                QueryNorm = RandomTensors.Normal(engine, 1, Config.HeadSize),
                KeyNorm = RandomTensors.Normal(engine, 1, Config.HeadSize),
                Projection = RandomTensors.Linear(engine, precision, width, width),
                CrossQuery = RandomTensors.Linear(engine, precision, width, width),
                // No package has these in 8 bits.
                CrossKeyValue = RandomTensors.Linear(engine, precision == ProductPrecision.Int8 ? ProductPrecision.Bf16 : precision, width, 2 * width),
                CrossProjection = RandomTensors.Linear(engine, precision, width, width),
                MlpIn = RandomTensors.Linear(engine, precision, width, Config.MlpHiddenSize),
                MlpOut = RandomTensors.Linear(engine, precision, Config.MlpHiddenSize, width),
            };
        }
    }
}
