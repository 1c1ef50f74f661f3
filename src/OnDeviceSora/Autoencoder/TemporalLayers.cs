using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The kinds of layer the temporal autoencoder is made of, read from a checkpoint. In time all padding is in front.</summary>
internal static class TemporalLayers
{
    private const float Epsilon = 1e-5f;

    /// <summary>A convolution of single positions.</summary>
    public static ConvolutionGeometry Pointwise { get; } = new(new(1), new(1), new(1));

    /// <summary>A causal 3x3x3 convolution; with a stride in time it pads one frame fewer.</summary>
    public static ConvolutionGeometry Causal3(int timeStride = 1) =>
        new(new(3, timeStride, PadBefore: 2 + (1 - timeStride)), ConvolutionAxis.Same(3), ConvolutionAxis.Same(3));

    /// <summary>A causal 3x3x3 convolution.</summary>
    public static ConvolutionLayer Conv3(WeightLoader loader, string name, int inputs, int outputs, bool bias = true, int timeStride = 1) =>
        loader.Convolution(name + ".conv", inputs, outputs, Causal3(timeStride), is3D: true, bias);

    /// <summary>A 1x1x1 convolution.</summary>
    public static ConvolutionLayer Conv1(WeightLoader loader, string name, int inputs, int outputs, bool bias = true) =>
        loader.Convolution(name + ".conv", inputs, outputs, Pointwise, is3D: true, bias);

    /// <summary>A group norm with statistics over all frames.</summary>
    public static GroupNormLayer Norm(WeightLoader loader, string name, int channels, int groups) =>
        loader.GroupNorm(name, channels, groups, Epsilon, byFrame: false);

    /// <summary>A residual block as a part of its model.</summary>
    public static (string Name, Func<WeightLoader, IAutoencoderPart> Load) Residual(string name, int inputs, int outputs, int groups) =>
        (name, loader => ResidualBlock.LoadTemporal(loader.Within(name), inputs, outputs, groups));
}
