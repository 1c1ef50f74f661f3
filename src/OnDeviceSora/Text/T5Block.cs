using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Text;

/// <summary>One block of the T5 v1.1 encoder: self attention with relative positions, then a gated MLP, each after an RMS norm.</summary>
internal sealed record T5Block : IDisposable
{
    public required Tensor AttentionNorm { get; init; }

    public required Linear Query { get; init; }

    public required Linear Key { get; init; }

    public required Linear Value { get; init; }

    public required Linear Output { get; init; }

    public required Tensor MlpNorm { get; init; }

    public required Linear MlpGate { get; init; }

    public required Linear MlpIn { get; init; }

    public required Linear MlpOut { get; init; }

    /// <summary>Reads a block; <paramref name="loader"/> stands at its name, for example <c>encoder.block.0.</c>.</summary>
    public static T5Block Load(WeightLoader loader, T5Config config)
    {
        var (width, inner) = (config.DModel, config.NumHeads * config.DKv);
        var (attention, mlp) = (loader.Within("layer.0.SelfAttention"), loader.Within("layer.1.DenseReluDense"));
        return new T5Block
        {
            // In the order in which a package stores them.
            Query = attention.Linear("q", width, inner, bias: false),
            Key = attention.Linear("k", width, inner, bias: false),
            Value = attention.Linear("v", width, inner, bias: false),
            Output = attention.Linear("o", inner, width, bias: false),
            AttentionNorm = loader.Tensor("layer.0.layer_norm.weight", width),
            MlpGate = mlp.Linear("wi_0", width, config.DFf, bias: false),
            MlpIn = mlp.Linear("wi_1", width, config.DFf, bias: false),
            MlpOut = mlp.Linear("wo", config.DFf, width, bias: false),
            MlpNorm = loader.Tensor("layer.1.layer_norm.weight", width),
        };
    }

    /// <summary>Runs the block.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="config">Head count and epsilon.</param>
    /// <param name="x">Hidden states <c>[batch, length, width]</c>, changed in place.</param>
    /// <param name="biases">For each batch item, what is added to its scores, <c>[heads, length, length]</c>.</param>
    public void Forward(ComputeEngine engine, T5Config config, Tensor x, IReadOnlyList<Tensor> biases)
    {
        using var normed = engine.Allocate(x.Shape.Extents);
        RmsNorm.Run(engine, x, AttentionNorm, config.LayerNormEpsilon, normed);
        AddAttention(engine, config, x, normed, biases);
        RmsNorm.Run(engine, x, MlpNorm, config.LayerNormEpsilon, normed);
        using var gate = MlpGate.Run(engine, normed, Activation.GeluTanh);
        using var hidden = MlpIn.Run(engine, normed);
        Elementwise.Multiply(engine, hidden, gate);
        MlpOut.Run(engine, hidden, x, new Epilogue { Residual = x });
    }

    public void Dispose()
    {
        AttentionNorm.Dispose();
        Query.Dispose();
        Key.Dispose();
        Value.Dispose();
        Output.Dispose();
        MlpNorm.Dispose();
        MlpGate.Dispose();
        MlpIn.Dispose();
        MlpOut.Dispose();
    }

    private void AddAttention(ComputeEngine engine, T5Config config, Tensor x, Tensor normed, IReadOnlyList<Tensor> biases)
    {
        using var query = Query.Run(engine, normed);
        using var key = Key.Run(engine, normed);
        using var value = Value.Run(engine, normed);
        using var attended = engine.Allocate(query.Shape.Extents);
        for (var item = 0; item < biases.Count; item++)
        {
            Attention.Run(engine, new AttentionArguments
            {
                Query = SequenceOf(query, item),
                Key = SequenceOf(key, item),
                Value = SequenceOf(value, item),
                Output = SequenceOf(attended, item),
                Heads = config.NumHeads,
                HeadSize = config.DKv,
                // T5 folds 1/sqrt(d) into its weights.
                Scale = 1,
                Bias = biases[item],
            });
        }
        Output.Run(engine, attended, x, new Epilogue { Residual = x });
    }

    private static Sequences SequenceOf(Tensor tensor, int item) =>
        Sequences.OfRows(tensor.Slice(item, 1), 0, 1, tensor.Shape[1], tensor.Shape[2]);
}
