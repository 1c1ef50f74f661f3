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
        using var states = encoder.Encode(Ids(golden), Mask(golden), null, CancellationToken.None);
        golden.Compare("out.last_hidden_state", states.Span);
    }

    public static int[] Ids(GoldenCase golden) => [.. golden["in.input_ids"].Integers().Select(id => checked((int)id))];

    /// <summary>The rows of <c>in.attention_mask</c>.</summary>
    public static bool[][] Mask(GoldenCase golden)
    {
        var mask = golden["in.attention_mask"];
        return [.. mask.Flags().Chunk(mask.Shape[1])];
    }
}
