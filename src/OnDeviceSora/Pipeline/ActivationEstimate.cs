using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Pipeline;

/// <summary>About how much memory a request's activations take, so that absurd ones are refused before they start.</summary>
internal static class ActivationEstimate
{
    /// <summary>Tensors of the tokens' size that a block holds at its peak: tokens, norm, and the MLP's hidden layer or q, k, v and result.</summary>
    private const int TokenTensors = 2;

    /// <summary>Tensors of the picture's size and widest channels that the 2D decoder holds at its peak: input, norm, result and shortcut.</summary>
    private const int PictureTensors = 4;

    /// <summary>Bytes for the larger of denoising and decoding, plus the finished frames.</summary>
    public static long Bytes(ModelConfig config, int frames, int height, int width)
    {
        var size = LatentSize.Of(config.Vae, frames, height, width);
        var (transformer, channels) = (config.Transformer, config.Vae.Spatial.BlockOutChannels);
        var patch = transformer.PatchSize;
        var tokens = 2.0 * size.Frames * Math.Ceiling(size.Height / (double)patch.Height) * Math.Ceiling(size.Width / (double)patch.Width);
        var denoising = tokens * (TokenTensors * transformer.HiddenSize + Math.Max(transformer.MlpHiddenSize, 4.0 * transformer.HiddenSize));
        var decoding = (double)height * width * PictureTensors * channels[Math.Min(1, channels.Length - 1)];
        return (long)(sizeof(float) * Math.Max(denoising, decoding) + 3.0 * frames * height * width);
    }
}
