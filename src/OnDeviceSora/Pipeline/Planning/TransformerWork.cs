using OnDeviceSora.Acceleration;
using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>
/// What denoising takes: a mirror in numbers of the sampler, of <see cref="STDiT3"/> and of <see cref="STDiT3Block"/>, for the
/// prompt and the null prompt in one batch.
/// </summary>
internal sealed class TransformerWork
{
    private const int Batch = 2;

    private readonly ComputeEngine _engine;
    private readonly STDiT3Config _config;
    private readonly VideoRequest _request;
    private readonly int _text;
    private readonly bool _quantises;
    private readonly LatentSize _size;
    private readonly Shape _tokens;
    private readonly bool _merges;
    private readonly bool _mergesAlways;

    /// <summary>Prepares the numbers of a request.</summary>
    /// <param name="engine">Where it will run.</param>
    /// <param name="config">The model's sizes.</param>
    /// <param name="request">A complete request.</param>
    /// <param name="textTokens">Tokens of the prompt.</param>
    /// <param name="quantises">Whether the blocks' large layers compute with 8-bit integers.</param>
    public TransformerWork(ComputeEngine engine, ModelConfig config, VideoRequest request, int textTokens, bool quantises = false)
    {
        (_engine, _config, _request, _text, _quantises) = (engine, config.Transformer, request, textTokens, quantises);
        _size = LatentSize.Of(config.Vae, request.Frames!.Value, request.Height!.Value, request.Width!.Value);
        var grid = new PatchGrid(_size.Frames, _size.Height, _size.Width, _config.PatchSize.Height, _config.PatchSize.Width);
        _tokens = new Shape(Batch, grid.Frames, grid.Patches, _config.HiddenSize);
        _merges = _size.Frames > 1 && request.MergeSteps > 0;
        _mergesAlways = _merges && request.MergeSteps >= Steps;
    }

    /// <summary>Steps that are computed, as far as that is known before.</summary>
    public int Steps => _request.Leap.MostSteps(_request.Steps!.Value);

    /// <summary>Memory and operations.</summary>
    /// <param name="slices">In how many slices sublayers are computed.</param>
    /// <param name="keepsText">Whether the text's keys and values for all blocks are computed once, and kept.</param>
    public StageWork Of(ActivationSlices slices, bool keepsText = true)
    {
        double width = _config.HiddenSize, tokens = _tokens.Length;
        var text = keepsText ? CaptionFloats + 2 * _config.Depth * KeyValueFloats : CaptionFloats;
        var meter = new PeakMeter(Floats(Latents * 6 + text + (double)_text * _config.CaptionChannels + PositionFloats + StepFloats));
        var patch = _config.PatchSize.Height * _config.PatchSize.Width;
        meter.Floats(tokens + tokens / width * patch * _config.InChannels);
        meter.Floats(tokens + BlockFloats(slices, keepsText ? 0 : KeyValueFloats));
        meter.Floats(tokens + tokens / width * patch * _config.OutChannels + (double)Batch * _config.OutChannels / _config.InChannels * Latents);
        AddScratch(meter, slices);
        return new StageWork(Math.Max(meter.Peak, StartBytes), meter.Scratch, Operations(keepsText), Floats(text));
    }

    private double Latents => (double)_config.InChannels * _size.Frames * _size.Height * _size.Width;

    /// <summary>The embedded captions.</summary>
    private double CaptionFloats => (double)Batch * _text * _config.HiddenSize;

    /// <summary>The captions' keys and values for one block.</summary>
    private double KeyValueFloats => 2 * CaptionFloats;

    /// <summary>The embedded places of the patches, and the frame rate.</summary>
    private double PositionFloats => (_tokens[2] + 1.0) * _config.HiddenSize;

    /// <summary>Embedding of the time, its modulation of all blocks and of one, and rotary angles of whole and merged frames.</summary>
    private double StepFloats => Batch * _config.HiddenSize * (1.0 + 6 + 6) + (double)_config.HeadSize * _size.Frames * 2 * 1.5;

    /// <summary>While the captions are embedded.</summary>
    private long StartBytes => Floats((double)_text * (_config.CaptionChannels * (1.0 + 2 * Batch) + 2.0 * Batch * _config.HiddenSize));

    /// <summary>Slices to choose from: the fastest, then finer and finer until nothing gets smaller.</summary>
    public IEnumerable<ActivationSlices> Slicings()
    {
        var first = ActivationSlices.Fastest(_tokens);
        for (var (slices, finer) = (first, Finer(first)); ; (slices, finer) = (finer, Finer(finer)))
        {
            yield return slices;
            if (finer == slices) yield break;
        }
    }

    /// <summary>The slices with twice as many of the sublayer that takes the most; the same when that cannot take less.</summary>
    private ActivationSlices Finer(ActivationSlices slices)
    {
        var (attention, cross, mlp) = SublayerFloats(slices);
        var most = Math.Max(attention, Math.Max(cross, mlp));
        if (most == mlp) return Better(slices with { Mlp = 2 * slices.Mlp }, floats => floats.Mlp);
        if (most == attention) return Better(slices with { Attention = 2 * slices.Attention }, floats => floats.Attention);
        return Better(slices with { CrossAttention = 2 * slices.CrossAttention }, floats => floats.Cross);

        ActivationSlices Better(ActivationSlices finer, Func<(double Attention, double Cross, double Mlp), double> of) =>
            of(SublayerFloats(finer)) < most ? finer : slices;
    }

    private double BlockFloats(ActivationSlices slices, double text)
    {
        var (attention, cross, mlp) = SublayerFloats(slices);
        return Math.Max(attention, Math.Max(cross + text, mlp));
    }

    private (double Attention, double Cross, double Mlp) SublayerFloats(ActivationSlices slices)
    {
        double width = _config.HiddenSize;
        var spatial = TokenSlice.LargestByFrames(_tokens, slices.Attention, _merges);
        var temporal = TokenSlice.LargestByPatches(_tokens, slices.Attention);
        var cross = CrossTokens(slices);
        var mlp = TokenSlice.LargestByTokens(_tokens, slices.Mlp);
        var input = _quantises ? (double)QuantisedRows.Bytes(1, _config.HiddenSize) / sizeof(float) : width;
        // Norm, q, k, v and a result, which takes the place of a norm in floats; of half the tokens where they are merged. Patches of all
        // frames are copied.
        var attention = (_mergesAlways ? 0.5 : 1) * (3 * width + (_quantises ? width + input : input));
        var copied = TokenSlice.LargestByPatches(_tokens, slices.Attention) < (long)_tokens[1] * _tokens[2] ? width : 0;
        return (
            Math.Max(spatial * attention, temporal * (attention + copied)),
            cross * (_mergesAlways ? 0.5 * (width + input) : width),
            _quantises ? (double)(QuantisedRows.Bytes((int)mlp, _config.HiddenSize) + QuantisedRows.Bytes((int)mlp, _config.MlpHiddenSize)) / sizeof(float) : mlp * (width + _config.MlpHiddenSize));
    }

    /// <summary>Tokens of the largest slice of cross attention, merged or not.</summary>
    private long CrossTokens(ActivationSlices slices) => _merges
        ? TokenSlice.LargestByFrames(_tokens, slices.CrossAttention, pairs: true)
        : TokenSlice.LargestByTokens(_tokens, slices.CrossAttention);

    private void AddScratch(PeakMeter meter, ActivationSlices slices)
    {
        int width = _config.HiddenSize, hidden = _config.MlpHiddenSize;
        var (all, patch) = (Rows(_tokens.Length / width), _config.PatchSize.Height * _config.PatchSize.Width);
        var attention = Rows(Math.Max(TokenSlice.LargestByFrames(_tokens, slices.Attention, _merges), TokenSlice.LargestByPatches(_tokens, slices.Attention)));
        var mlp = Rows(TokenSlice.LargestByTokens(_tokens, slices.Mlp));
        foreach (var (rows, columns, depth) in (ReadOnlySpan<(int, int, int)>)[(attention, 3 * width, width), (Rows(CrossTokens(slices)), width, width), (mlp, hidden, width), (mlp, width, hidden)])
        {
            meter.Needs(_quantises
                ? MatMul.QuantisedScratchBytes(_engine, rows, columns, depth, quantises: columns == hidden)
                : MatMul.ScratchBytes(_engine, rows, columns, depth));
        }
        foreach (var (rows, columns, depth) in (ReadOnlySpan<(int, int, int)>)[
            (all, width, patch * _config.InChannels), (all, patch * _config.OutChannels, width), (Batch * _text, width, _config.CaptionChannels), (Batch * _text, 2 * width, width)])
            meter.Needs(MatMul.ScratchBytes(_engine, rows, columns, depth));
        foreach (var keys in (ReadOnlySpan<int>)[_tokens[1], _tokens[2], _text])
            meter.Needs(Attention.ScratchBytes(_engine, keys, _config.NumHeads, _config.HeadSize));
    }

    /// <summary>Specification 15: a merged step computes attention on half of the tokens, and the MLP on all.</summary>
    private double Operations(bool keepsText)
    {
        double length = _tokens[1] * (double)_tokens[2], width = _config.HiddenSize;
        double frames = _tokens[1], patches = _tokens[2], blocks = 2 * _config.Depth;
        var merged = _size.Frames > 1 ? Math.Min(_request.MergeSteps, Steps) : 0;
        var half = Math.Max(1, _tokens[1] / 2) / frames;
        var step = Step(1) * (Steps - merged) + Step(half) * merged;
        return Batch * (step + (keepsText ? 1 : Steps) * blocks * 4 * _text * width * width);

        double Step(double part)
        {
            var attention = 12 * length * part * width * width + 4 * length * part * _text * width;
            var scores = 2 * (frames * part * patches * patches + patches * frames * part * frames * part) * width;
            return blocks * (attention + scores + 4 * length * width * _config.MlpHiddenSize);
        }
    }

    private static int Rows(long tokens) => (int)Math.Min(int.MaxValue / 2, tokens);

    private static long Floats(double count) => (long)(sizeof(float) * count);
}
