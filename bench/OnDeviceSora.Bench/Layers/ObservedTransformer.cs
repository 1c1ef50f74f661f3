using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Layers;

/// <summary>A transformer with its caption whose blocks can be run again, one by one, on what a step began with.</summary>
internal sealed class ObservedTransformer : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly STDiT3 _model;
    private readonly STDiT3Config _config;
    private readonly TextConditioning _text;
    private readonly ConditionedSTDiT3 _conditioned;

    /// <summary>Opens the transformer of a model.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="model">The open model folder; the caller keeps it.</param>
    /// <param name="features">Caption features <c>[1, tokens, caption channels]</c>.</param>
    /// <param name="video">Size and frame rate.</param>
    public ObservedTransformer(ComputeEngine engine, ModelFolder model, Tensor features, VideoGeometry video)
    {
        (_engine, _config) = (engine, model.Config.Transformer);
        _model = STDiT3.Load(engine, model.Transformer, _config, new StreamingSettings { Mode = StreamingMode.Concurrent });
        var (tokens, channels) = (features.Shape[1], features.Shape[2]);
        using var both = engine.Allocate(2, tokens, channels);
        both.Slice(0, 1).CopyFrom(features);
        both.Slice(1, 1).CopyFrom(_model.Caption.Null.Slice(0, tokens));
        // Not kept: a block's keys and values are asked for with layers of either model.
        _text = _model.Caption.Run(engine, both, [.. Enumerable.Repeat(true, 2 * tokens)], keepsKeysAndValues: false);
        _conditioned = new ConditionedSTDiT3(_model, _text, video);
    }

    /// <summary>The embedded captions.</summary>
    public Tensor Caption => _text.Embeddings;

    /// <summary>Its blocks. One is valid until the next is asked for.</summary>
    public IEnumerable<StreamedBlock<STDiT3BlockWeights>> Blocks(CancellationToken cancellation) => _model.Blocks.Pass(cancellation);

    /// <summary>Runs a step as the sampler does, and keeps what its blocks began with.</summary>
    public ObservedStep Run(VelocityQuery query, Tensor velocity, CancellationToken cancellation)
    {
        var seen = new Dictionary<string, Tensor>();
        _model.Observer = (name, value) =>
        {
            if (name is "x_embed" or "t_mlp") seen[name] = Copy(value);
        };
        _conditioned.PredictVelocity(query, velocity, cancellation);
        _model.Observer = null;
        var (tokens, time) = (seen["x_embed"], seen["t_mlp"]);
        var modulation = StepModulation.Create(_engine, time, null, null, tokens.Shape[1], tokens.Shape[2]);
        return new ObservedStep(tokens, time, new STDiT3Step(modulation, _text, new TemporalTokenMerging(query.MergeTokens), _model.Rope, ActivationSlices.Whole));
    }

    /// <summary>Runs one block.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="weights">Its weights, of this model or another.</param>
    /// <param name="tokens">Tokens, changed in place.</param>
    /// <param name="step">What this model's blocks are told.</param>
    public void RunBlock(int index, STDiT3BlockWeights weights, Tensor tokens, ObservedStep step) =>
        new STDiT3Block(_engine, weights, _config.NumHeads, BlockName.At(index)).Forward(tokens, step.Step);

    public void Dispose()
    {
        _conditioned.Dispose();
        _text.Dispose();
        _model.Dispose();
    }

    private Tensor Copy(Tensor value)
    {
        var copy = _engine.Allocate(value.Shape.Extents);
        copy.CopyFrom(value);
        return copy;
    }
}

/// <summary>What the blocks of a step begin with.</summary>
/// <param name="Tokens">Embedded patches <c>[batch, T, patches, C]</c>.</param>
/// <param name="Time">The timestep's part of the modulation, <c>[batch, 6 C]</c>.</param>
/// <param name="Step">What every block is told.</param>
internal sealed record ObservedStep(Tensor Tokens, Tensor Time, STDiT3Step Step) : IDisposable
{
    public void Dispose()
    {
        Step.Modulation.Dispose();
        Tokens.Dispose();
        Time.Dispose();
    }
}
