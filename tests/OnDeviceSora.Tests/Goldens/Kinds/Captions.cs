using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>Caption features of the cases that run the sampler: padded to the model's length, with a mask.</summary>
internal static class Captions
{
    /// <summary>Embeds prompts and, behind them, the null prompt once for each, under the prompts' masks.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="model">The transformer.</param>
    /// <param name="features">Text features <c>[videos, length, channels]</c>.</param>
    /// <param name="mask">Videos by length: true where a row counts.</param>
    public static TextConditioning Embed(ComputeEngine engine, STDiT3 model, Tensor features, bool[] mask)
    {
        var videos = features.Shape[0];
        using var both = engine.Allocate(2 * videos, features.Shape[1], features.Shape[2]);
        both.Slice(0, videos).CopyFrom(features);
        for (var video = 0; video < videos; video++) both.Slice(videos + video, 1).CopyFrom(model.Caption.Null);
        return model.Caption.Run(engine, both, [.. mask, .. mask]);
    }
}
