using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;
using OnDeviceSora.Text;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>The text encoder, padded rows included.</summary>
internal static class T5Goldens
{
    public static void Run(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var weights = golden.OpenWeights();
        using var encoder = T5Encoder.Load(engine, weights, T5Config.Parse(golden.Config, golden.FilePath));
        encoder.Observer = golden.Observe;
        using var states = encoder.Encode(Ids(golden), Lengths(golden), null, CancellationToken.None);
        golden.Compare("out.last_hidden_state", states.Span);
    }

    public static int[] Ids(GoldenCase golden) => [.. golden["in.input_ids"].Integers().Select(id => checked((int)id))];

    /// <summary>Real tokens of each row of <c>in.attention_mask</c>; the encoder takes no masks with holes.</summary>
    public static int[] Lengths(GoldenCase golden)
    {
        var mask = golden["in.attention_mask"];
        var rows = mask.Flags().Chunk(mask.Shape[1]).ToArray();
        if (rows.Any(row => row.SkipWhile(real => real).Any(real => real))) throw new GoldenMismatchException("in.attention_mask has holes");
        return [.. rows.Select(row => row.Count(real => real))];
    }
}
