using OnDeviceSora.Acceleration;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>One spatial or temporal STDiT3 block: attention, cross attention to the text, MLP (specification 5.3).</summary>
/// <param name="engine">Where to compute.</param>
/// <param name="weights">The block's parameters; the caller keeps them.</param>
/// <param name="heads">Attention heads.</param>
/// <param name="name">Which block of the model this is.</param>
internal sealed class STDiT3Block(ComputeEngine engine, STDiT3BlockWeights weights, int heads, BlockName name)
{
    private const float Epsilon = 1e-6f;

    /// <summary>Runs the block.</summary>
    /// <param name="tokens">Video tokens <c>[batch, frames, patches, width]</c>, changed in place.</param>
    /// <param name="step">What the block is told about this step.</param>
    public void Forward(Tensor tokens, STDiT3Step step)
    {
        using var modulation = step.Modulation.For(weights.ScaleShiftTable);

        foreach (var slice in AttentionSlices(tokens, step)) AddAttention(tokens, slice, modulation.Attention, step);
        using (var text = step.Text.KeysAndValues(name, weights.CrossKeyValue))
        {
            foreach (var slice in CrossSlices(tokens, step)) AddCross(tokens, slice, text, step);
        }
        foreach (var slice in TokenSlice.ByTokens(tokens.Shape, step.Slices.Mlp)) AddMlp(tokens, slice, modulation.Mlp);
    }

    private IEnumerable<TokenSlice> AttentionSlices(Tensor tokens, STDiT3Step step) => name.Kind == BlockKind.Spatial
        ? TokenSlice.ByFrames(tokens.Shape, step.Slices.Attention, step.Merging.Merges(tokens.Shape[1]))
        : TokenSlice.ByPatches(tokens.Shape, step.Slices.Attention);

    private static IEnumerable<TokenSlice> CrossSlices(Tensor tokens, STDiT3Step step) => step.Merging.Merges(tokens.Shape[1])
        ? TokenSlice.ByFrames(tokens.Shape, step.Slices.CrossAttention, pairs: true)
        : TokenSlice.ByTokens(tokens.Shape, step.Slices.CrossAttention);

    private void AddAttention(Tensor tokens, TokenSlice slice, SublayerModulation whole, STDiT3Step step)
    {
        var modulation = slice.Of(whole, tokens.Shape);
        using var part = slice.Take(engine, tokens);
        var pairs = step.Merging.PairsOf(part.Shape);
        var shape = Merged(part.Shape, pairs);
        using var x = LayerInput.For(engine, weights.Qkv, (int)shape.Rows);
        Modulate(part, x, modulation, pairs);
        Attend(x, shape, step, part, new Epilogue { Gate = modulation.Gate, RowsPerGate = modulation.ShiftAndScale.RowsPerGroup, Residual = part, Expansion = pairs });
        slice.Return(part, tokens);
    }

    private void AddCross(Tensor tokens, TokenSlice slice, Tensor text, STDiT3Step step)
    {
        var part = slice.Take(engine, tokens);
        var pairs = step.Merging.PairsOf(part.Shape);
        var shape = Merged(part.Shape, pairs);
        using var query = engine.Allocate(shape.Extents);
        RunCrossQuery(part, pairs, query);
        Cross(query, text.Slice(slice.Item, shape[0]), step.Text.Lengths, slice.Item, part, new Epilogue { Residual = part, Expansion = pairs });
    }

    private void AddMlp(Tensor tokens, TokenSlice slice, SublayerModulation whole)
    {
        var modulation = slice.Of(whole, tokens.Shape);
        var part = slice.Take(engine, tokens);
        var rows = (int)slice.Count;
        using var x = LayerInput.For(engine, weights.MlpIn, rows);
        Modulate(part, x, modulation, pairs: null);
        using var hidden = LayerInput.For(engine, weights.MlpOut, rows, writer: weights.MlpIn);
        weights.MlpIn.Run(engine, x, hidden, new Epilogue { Activation = Activation.GeluTanh });
        weights.MlpOut.Run(engine, hidden, part, new Epilogue { Gate = modulation.Gate, RowsPerGate = modulation.ShiftAndScale.RowsPerGroup, Residual = part });
    }

    private static Shape Merged(Shape tokens, FramePairs? pairs) => pairs is { } p ? new Shape(tokens[0], p.MergedFrames, tokens[2], tokens[3]) : tokens;

    /// <summary>Layer norm and modulation, averaged over pairs of frames where they are merged, in the form that the next layer takes.</summary>
    private void Modulate(Tensor tokens, LayerInput output, SublayerModulation modulation, FramePairs? pairs)
    {
        if (output.Bytes is null) LayerNorm.Run(engine, tokens, Epsilon, output.Floats!, modulation.ShiftAndScale, pairs);
        else LayerNorm.Run(engine, tokens, Epsilon, output.Bytes, modulation.ShiftAndScale, pairs);
    }

    /// <summary>Self attention: among the patches of a frame, or among the frames at a patch.</summary>
    /// <param name="x">Tokens, merged or not; floats are overwritten.</param>
    /// <param name="shape">Their shape <c>[batch, frames, patches, width]</c>.</param>
    /// <param name="step">The rotary angles.</param>
    /// <param name="output">Receives the result through <paramref name="epilogue"/>.</param>
    /// <param name="epilogue">Gate, residual and expansion.</param>
    private void Attend(LayerInput x, Shape shape, STDiT3Step step, Tensor output, Epilogue epilogue)
    {
        var width = shape[3];
        using var qkv = engine.Allocate((int)shape.Rows, 3 * width);
        weights.Qkv.Run(engine, x, qkv);
        using var separate = x.Floats is null ? engine.Allocate(qkv.Shape[0], width) : null;
        var attended = x.Floats ?? separate!;
        Tensors.Attention.Run(engine, new AttentionArguments
        {
            Query = SequencesOf(qkv, 0, shape),
            Key = SequencesOf(qkv, width, shape),
            Value = SequencesOf(qkv, 2 * width, shape),
            Output = SequencesOf(attended, 0, shape),
            Heads = heads,
            HeadSize = width / heads,
            Scale = 1 / MathF.Sqrt(width / heads),
            QueryNorm = weights.QueryNorm,
            KeyNorm = weights.KeyNorm,
            NormEpsilon = Epsilon,
            Rope = name.Kind == BlockKind.Temporal ? step.Rope.For(shape[1]) : null,
        });
        weights.Projection.Run(engine, attended, output, epilogue);
    }

    private Sequences SequencesOf(Tensor tensor, int column, Shape tokens)
    {
        var rowLength = tensor.Shape[-1];
        return name.Kind == BlockKind.Spatial
            ? Sequences.OfRows(tensor, column, tokens[0] * tokens[1], tokens[2], rowLength)
            : Sequences.AcrossRows(tensor, column, tokens[0], tokens[1], tokens[2], rowLength);
    }

    /// <summary>Queries of all tokens, or of the means of pairs of frames.</summary>
    private void RunCrossQuery(Tensor tokens, FramePairs? pairs, Tensor query)
    {
        if (pairs is not { } merging)
        {
            weights.CrossQuery.Run(engine, tokens, query);
            return;
        }
        using var merged = LayerInput.For(engine, weights.CrossQuery, (int)query.Shape.Rows);
        if (merged.Bytes is null) merging.Average(engine, tokens, merged.Floats!);
        else merging.Average(engine, tokens, merged.Bytes);
        weights.CrossQuery.Run(engine, merged, query);
    }

    /// <summary>Cross attention: every token of a batch item to the text of that item. The result takes the place of the queries before it is projected.</summary>
    private void Cross(Tensor query, Tensor keysAndValues, IReadOnlyList<int> lengths, int firstItem, Tensor output, Epilogue epilogue)
    {
        var (batch, width, tokens) = (query.Shape[0], query.Shape[3], query.Shape[1] * query.Shape[2]);
        Tensors.Attention.Run(engine, new AttentionArguments
        {
            Query = Sequences.OfRows(query, 0, batch, tokens, width),
            Key = Sequences.OfRows(keysAndValues, 0, batch, keysAndValues.Shape[1], 2 * width),
            Value = Sequences.OfRows(keysAndValues, width, batch, keysAndValues.Shape[1], 2 * width),
            Output = Sequences.OfRows(query, 0, batch, tokens, width),
            Heads = heads,
            HeadSize = width / heads,
            Scale = 1 / MathF.Sqrt(width / heads),
            KeyLengths = batch == lengths.Count ? lengths : [.. lengths.Skip(firstItem).Take(batch)],
        });
        weights.CrossProjection.Run(engine, query, output, epilogue);
    }
}
