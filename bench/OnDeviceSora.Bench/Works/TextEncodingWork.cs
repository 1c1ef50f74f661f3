using OnDeviceSora.Benchmarks;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;
using OnDeviceSora.Text;

namespace OnDeviceSora.Bench.Works;

/// <summary>A prompt through some layers of T5 v1.1 XXL: as many as fit into memory beside the peers'. Its time is theirs times layers.</summary>
/// <param name="tokens">Tokens of the prompt.</param>
/// <param name="layers">Layers, of 24.</param>
internal sealed class TextEncodingWork(int tokens, int layers) : IBenchmarkWork
{
    private static readonly T5Config Config = FullSizeModel.Config.TextEncoder;

    /// <inheritdoc/>
    public string Name => $"T5-XXL encode {tokens}x{layers}";

    /// <inheritdoc/>
    public double Operations => 2.0 * tokens * Weights + layers * 4.0 * tokens * tokens * Config.InnerWidth;

    /// <summary>Queries, keys, values and output; the three matrices of the gated MLP.</summary>
    public double Weights => layers * (4.0 * Config.DModel * Config.InnerWidth + 3.0 * Config.DModel * Config.DFf);

    /// <summary>The encoder keeps its inputs as they are: 8-bit weights are widened.</summary>
    public DataType Products(ComputeEngine engine, ProductPrecision precision) => precision == ProductPrecision.Int8 ? DataType.F32 : precision.Products(engine);

    /// <inheritdoc/>
    public IPreparedWork Prepare(ComputeEngine engine, ProductPrecision precision) => new Layers(engine, precision, tokens, layers);

    private sealed class Layers(ComputeEngine engine, ProductPrecision precision, int tokens, int layers) : IPreparedWork
    {
        private readonly Tensor _start = RandomTensors.Normal(engine, 1, 1, tokens, Config.DModel);
        private readonly Tensor _bias = RandomTensors.Normal(engine, 0.5f, Config.NumHeads, tokens, tokens);
        private readonly Tensor _finalNorm = RandomTensors.Normal(engine, 1, Config.DModel);
        private readonly List<T5Block> _blocks = [.. Enumerable.Range(0, layers).Select(_ => RandomBlock(engine, precision))];

        public void Run()
        {
            using var x = engine.Allocate(_start.Shape.Extents);
            x.CopyFrom(_start);
            foreach (var block in _blocks) block.Forward(engine, Config, x, [_bias]);
            RmsNorm.Run(engine, x, _finalNorm, Config.LayerNormEpsilon, x);
        }

        public void Dispose()
        {
            _start.Dispose();
            _bias.Dispose();
            _finalNorm.Dispose();
            foreach (var block in _blocks) block.Dispose();
        }

        private static T5Block RandomBlock(ComputeEngine engine, ProductPrecision precision)
        {
            return new T5Block
            {
                // T5 does not divide its scores by the root of the head's width.
                AttentionNorm = RandomTensors.Normal(engine, 0.1f, Config.DModel),
                Query = Linear(Config.DModel, Config.InnerWidth),
                Key = Linear(Config.DModel, Config.InnerWidth),
                Value = Linear(Config.DModel, Config.InnerWidth),
                Output = Linear(Config.InnerWidth, Config.DModel),
                MlpNorm = RandomTensors.Normal(engine, 1, Config.DModel),
                MlpGate = Linear(Config.DModel, Config.DFf),
                MlpIn = Linear(Config.DModel, Config.DFf),
                MlpOut = Linear(Config.DFf, Config.DModel),
            };

            OnDeviceSora.Layers.Linear Linear(int inputs, int outputs) => RandomTensors.Linear(engine, precision, inputs, outputs, bias: false);
        }
    }
}
