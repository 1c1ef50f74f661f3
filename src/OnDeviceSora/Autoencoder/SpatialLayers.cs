using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The kinds of layer the 2D autoencoder is made of, read from a checkpoint.</summary>
internal static class SpatialLayers
{
    private const float Epsilon = 1e-6f;

    /// <summary>A 3x3 convolution that keeps the size.</summary>
    public static ConvolutionGeometry Same3 { get; } = ConvolutionGeometry.Picture(ConvolutionAxis.Same(3), ConvolutionAxis.Same(3));

    /// <summary>A convolution of single positions.</summary>
    public static ConvolutionGeometry Pointwise { get; } = ConvolutionGeometry.Picture(new(1), new(1));

    /// <summary>A 3x3 convolution that keeps the size.</summary>
    public static ConvolutionLayer Conv3x3(WeightLoader loader, string name, int inputs, int outputs) =>
        loader.Convolution(name, inputs, outputs, Same3, is3D: false);

    /// <summary>A 1x1 convolution.</summary>
    public static ConvolutionLayer Conv1x1(WeightLoader loader, string name, int inputs, int outputs) =>
        loader.Convolution(name, inputs, outputs, Pointwise, is3D: false);

    /// <summary>A 3x3 convolution of stride 2; one row and column of zeros is added at the bottom and the right only.</summary>
    public static ConvolutionLayer Downsampler(WeightLoader loader, string name, int channels)
    {
        var axis = new ConvolutionAxis(3, Stride: 2, PadBefore: 0, PadAfter: 1);
        return loader.Convolution(name, channels, channels, ConvolutionGeometry.Picture(axis, axis), is3D: false);
    }

    /// <summary>A group norm with statistics of its own for each picture.</summary>
    public static GroupNormLayer Norm(WeightLoader loader, string name, int channels, int groups) =>
        loader.GroupNorm(name, channels, groups, Epsilon, byFrame: true);

    /// <summary>A residual block as a part of its model.</summary>
    public static (string Name, Func<WeightLoader, IAutoencoderPart> Load) Residual(string name, int inputs, int outputs, int groups) =>
        (name, loader => ResidualBlock.LoadSpatial(loader.Within(name), inputs, outputs, groups));

    /// <summary>The middle of encoder and decoder: residual block, attention, residual block.</summary>
    public static IEnumerable<(string Name, Func<WeightLoader, IAutoencoderPart> Load)> Middle(string root, int channels, int groups)
    {
        var attention = $"{root}.mid_block.attentions.0";
        yield return Residual($"{root}.mid_block.resnets.0", channels, channels, groups);
        yield return (attention, loader => SpatialAttention.Load(loader.Within(attention), channels, groups));
        yield return Residual($"{root}.mid_block.resnets.1", channels, channels, groups);
    }
}
