using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Pipeline;
using OnDeviceSora.Pipeline.Planning;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Benchmarks;

/// <summary>Arithmetic operations of a video's stages.</summary>
/// <param name="Text">Of the text encoder.</param>
/// <param name="Denoising">Of all steps of the transformer.</param>
/// <param name="Decoding">Of the autoencoder's two models.</param>
internal sealed record VideoOperations(double Text, double Denoising, double Decoding)
{
    private const int TextTokens = 30;

    /// <summary>Counts them as the planner does.</summary>
    /// <param name="engine">Where it would run.</param>
    /// <param name="config">The model's sizes.</param>
    /// <param name="request">A complete request.</param>
    public static VideoOperations Of(ComputeEngine engine, ModelConfig config, VideoRequest request)
    {
        var size = LatentSize.Of(config.Vae, request.Frames!.Value, request.Height!.Value, request.Width!.Value);
        return new VideoOperations(
            TextWork.Of(engine, config.TextEncoder, TextTokens).Operations,
            new TransformerWork(engine, config, request, TextTokens).Of(Diffusion.ActivationSlices.Whole).Operations,
            DecoderWork.Temporal(engine, config.Vae, size, request.Frames.Value).Operations + DecoderWork.Spatial(engine, config.Vae, size, request.Frames.Value, tile: null).Operations);
    }

    /// <summary>A request for a video of that size, complete and checked.</summary>
    /// <exception cref="InvalidRequestException">The model makes no such video.</exception>
    public static VideoRequest Request(ModelConfig config, int? width, int? height, int? frames) =>
        new RequestResolver(config).Resolve(new VideoRequest { Prompt = "a video", Width = width, Height = height, Frames = frames });
}
