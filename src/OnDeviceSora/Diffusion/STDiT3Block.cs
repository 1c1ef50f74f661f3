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
        using var x = Modulate(part, modulation);
        step.Merging.AddAttention(part, x, modulation.Gate, modulation.ShiftAndScale.RowsPerGroup, (m, output, epilogue) => Attend(m, step, output, epilogue));
        slice.Return(part, tokens);
    }

    private void AddCross(Tensor tokens, TokenSlice slice, Tensor text, STDiT3Step step)
    {
        var part = slice.Take(engine, tokens);
        step.Merging.AddAttention(part, part, null, 1, (m, output, epilogue) => Cross(m, text.Slice(slice.Item, m.Shape[0]), step.Text.Lengths, slice.Item, output, epilogue));
    }

    private void AddMlp(Tensor tokens, TokenSlice slice, SublayerModulation whole)
    {
        var modulation = slice.Of(whole, tokens.Shape);
        var part = slice.Take(engine, tokens);
        var rows = (int)slice.Count;
        using var x = LayerInput.For(engine, weights.MlpIn, rows);
        if (x.Bytes is null) LayerNorm.Run(engine, part, Epsilon, x.Floats!, modulation.ShiftAndScale);
        else LayerNorm.Run(engine, part, Epsilon, x.Bytes, modulation.ShiftAndScale);
        using var hidden = LayerInput.For(engine, weights.MlpOut, rows);
        weights.MlpIn.Run(engine, x, hidden, new Epilogue { Activation = Activation.GeluTanh });
        weights.MlpOut.Run(engine, hidden, part, new Epilogue { Gate = modulation.Gate, RowsPerGate = modulation.ShiftAndScale.RowsPerGroup, Residual = part });
    }

    private Tensor Modulate(Tensor tokens, SublayerModulation modulation)
    {
        var x = engine.Allocate(tokens.Shape.Extents);
        LayerNorm.Run(engine, tokens, Epsilon, x, modulation.ShiftAndScale);
        return x;
    }

    /// <summary>Self attention: among the patches of a frame, or among the frames at a patch. The result takes the place of <paramref name="x"/>.</summary>
    private void Attend(Tensor x, STDiT3Step step, Tensor output, Epilogue epilogue)
    {
        var width = x.Shape[3];
        using var qkv = weights.Qkv.Run(engine, x);
        Tensors.Attention.Run(engine, new AttentionArguments
        {
            Query = SequencesOf(qkv, 0, x.Shape),
            Key = SequencesOf(qkv, width, x.Shape),
            Value = SequencesOf(qkv, 2 * width, x.Shape),
            Output = SequencesOf(x, 0, x.Shape),
            Heads = heads,
            HeadSize = width / heads,
            Scale = 1 / MathF.Sqrt(width / heads),
            QueryNorm = weights.QueryNorm,
            KeyNorm = weights.KeyNorm,
            NormEpsilon = Epsilon,
            Rope = name.Kind == BlockKind.Temporal ? step.Rope.For(x.Shape[1]) : null,
        });
        weights.Projection.Run(engine, x, output, epilogue);
    }

    private Sequences SequencesOf(Tensor tensor, int column, Shape tokens)
    {
        var rowLength = tensor.Shape[-1];
        return name.Kind == BlockKind.Spatial
            ? Sequences.OfRows(tensor, column, tokens[0] * tokens[1], tokens[2], rowLength)
            : Sequences.AcrossRows(tensor, column, tokens[0], tokens[1], tokens[2], rowLength);
    }

    /// <summary>Cross attention: every token of a batch item to the text of that item.</summary>
    private void Cross(Tensor x, Tensor keysAndValues, IReadOnlyList<int> lengths, int firstItem, Tensor output, Epilogue epilogue)
    {
        var (batch, width, tokens) = (x.Shape[0], x.Shape[3], x.Shape[1] * x.Shape[2]);
        using var query = weights.CrossQuery.Run(engine, x);
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
