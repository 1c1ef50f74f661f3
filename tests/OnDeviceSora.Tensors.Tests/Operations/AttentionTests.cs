using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

[Trait("Category", "Operations")]
public class AttentionTests
{
    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Any_number_of_keys_agrees_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        // Keys are taken in panels, and up to 256, in whole panels, at a time.
        foreach (var keys in (int[])[0, 1, 2, 5, 6, 7, 13, 14, 15, 28, 255, 256, 258, 259, 266, 267, 511, 513, 600]) Cross(engine, 1, 3, keys, 2, 8);
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Any_number_of_queries_agrees_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        var panel = engine.Kernel.Columns;
        foreach (var queries in (int[])[0, 1, 2, 3, 4, 5, panel - 1, panel, panel + 1, 2 * panel, 255, 256, 257, 513, 4099]) Cross(engine, 1, queries, 5, 1, 4);
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Any_head_size_agrees_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        foreach (var headSize in (int[])[1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 72, 127, 128]) Cross(engine, 1, 5, 9, 2, headSize);
        Cross(engine, 2, 3, 3, 0, 8);
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Many_short_sequences_agree_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        Cross(engine, 40, 3, 4, 3, 5);
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Norms_and_rotations_of_heads_agree_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        foreach (var headSize in (int[])[2, 4, 6, 8, 10, 18, 34, 72])
        {
            var (queryNorm, keyNorm, frequencies) = (Numbers.Of(headSize, 5), Numbers.Of(headSize, 6), Numbers.Of(headSize / 2, 7, 0.01f, 1));
            Cross(engine, 2, 37, 20, 2, headSize, queryNorm: queryNorm);
            Cross(engine, 2, 37, 20, 2, headSize, keyNorm: keyNorm);
            Cross(engine, 2, 37, 20, 2, headSize, frequencies: frequencies);
            Cross(engine, 2, 37, 20, 2, headSize, queryNorm: queryNorm, keyNorm: keyNorm, frequencies: frequencies);
        }
        Cross(engine, 1, 5, 5, 2, 7, queryNorm: Numbers.Of(7, 5), keyNorm: Numbers.Of(7, 6));
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Keys_beyond_their_length_have_no_weight(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        Cross(engine, 4, 7, 300, 2, 8, lengths: [300, 0, 1, 257]);
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void A_bias_is_added_to_every_score(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        foreach (var keys in (int[])[1, 9, 258]) Cross(engine, 2, 5, keys, 3, 4, Numbers.Of(3 * 5 * keys, 9, -4, 4), scale: 1);
        Cross(engine, 2, 5, 40, 3, 4, Numbers.Of(3 * 5 * 40, 9, -4, 4), [40, 17]);
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void A_bias_of_minus_infinity_masks(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        const int Keys = 300;
        var bias = new float[3 * Keys];
        // Query 0 sees no key of the first block, query 1 none at all, query 2 the last two of the first block.
        Array.Fill(bias, float.NegativeInfinity, 0, 260);
        Array.Fill(bias, float.NegativeInfinity, Keys, Keys);
        Array.Fill(bias, float.NegativeInfinity, 2 * Keys, 254);
        Array.Fill(bias, float.NegativeInfinity, 2 * Keys + 256, Keys - 256);
        Cross(engine, 1, 3, Keys, 1, 6, bias);
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Scores_far_apart_do_not_overflow(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        var bias = new float[2 * 520];
        for (var i = 0; i < bias.Length; i++) bias[i] = (i % 520 - 260) * (i < 520 ? 3 : -3);
        Cross(engine, 1, 2, 520, 1, 4, bias);
    }

    /// <summary>Packed qkv of [batch, frames, positions]: spatial attention along positions, temporal along frames.</summary>
    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Strided_sequences_agree_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        const int Batch = 2, Frames = 5, Positions = 7, Heads = 2, HeadSize = 6, Width = Heads * HeadSize;
        using var qkv = Numbers.Fill(engine, 1, Batch, Frames, Positions, 3 * Width);
        foreach (var temporal in (bool[])[false, true])
        {
            Sequences Part(Tensor tensor, int offset, int rowLength) => temporal
                ? Sequences.AcrossRows(tensor, offset, Batch, Frames, Positions, rowLength)
                : Sequences.OfRows(tensor, offset, Batch * Frames, Positions, rowLength);

            // Results land in the middle third of their rows; the other two must stay as they are.
            using var output = Numbers.Fill(engine, 2, Batch, Frames, Positions, 3 * Width);
            Check(engine, new AttentionArguments
            {
                Query = Part(qkv, 0, 3 * Width),
                Key = Part(qkv, Width, 3 * Width),
                Value = Part(qkv, 2 * Width, 3 * Width),
                Output = Part(output, Width, 3 * Width),
                Heads = Heads,
                HeadSize = HeadSize,
                Scale = 0.4f,
            });
        }
    }

    private static void Cross(
        ComputeEngine engine, int count, int queries, int keys, int heads, int headSize, float[]? biasValues = null, int[]? lengths = null, float? scale = null,
        float[]? queryNorm = null, float[]? keyNorm = null, float[]? frequencies = null)
    {
        var width = heads * headSize;
        using var q = Numbers.Fill(engine, 1, count, queries, width);
        using var k = Numbers.Fill(engine, 2, count, keys, width);
        using var v = Numbers.Fill(engine, 3, count, keys, width);
        using var bias = biasValues is null ? null : engine.From(biasValues, heads, queries, keys);
        using var queryWeights = queryNorm is null ? null : engine.From(queryNorm, headSize);
        using var keyWeights = keyNorm is null ? null : engine.From(keyNorm, headSize);
        using var table = frequencies is null ? null : RopeTable.Create(engine, frequencies, Math.Max(queries, keys));
        using var output = Numbers.Poisoned(engine, count, queries, width);
        Check(engine, new AttentionArguments
        {
            Query = Sequences.OfRows(q, 0, count, queries, width),
            Key = Sequences.OfRows(k, 0, count, keys, width),
            Value = Sequences.OfRows(v, 0, count, keys, width),
            Output = Sequences.OfRows(output, 0, count, queries, width),
            Heads = heads,
            HeadSize = headSize,
            Scale = scale ?? 1 / MathF.Sqrt(headSize),
            Bias = bias,
            KeyLengths = lengths,
            QueryNorm = queryWeights,
            KeyNorm = keyWeights,
            Rope = table,
        });
    }

    private static void Check(ComputeEngine engine, AttentionArguments arguments)
    {
        var before = arguments.Output.Tensor.Span.ToArray();
        Attention.Run(engine, arguments);
        var what = $"{arguments.Query.Count} of {arguments.Query.Tokens} x {arguments.Key.Tokens}, {arguments.Heads} heads of {arguments.HeadSize}";
        AttentionReference.Run(arguments, before).Check(arguments.Output.Tensor.Span, what);
    }
}
