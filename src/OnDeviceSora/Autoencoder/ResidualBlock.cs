using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>
/// Norm, SiLU, convolution, twice, plus the input; where the channels change, the input passes a 1x1 convolution. The 2D
/// and the temporal model share it and differ in the layers' kernels, norms and names (specification 7.1 and 7.2).
/// </summary>
internal sealed record ResidualBlock(
    GroupNormLayer Norm1, ConvolutionLayer Conv1, GroupNormLayer Norm2, ConvolutionLayer Conv2, ConvolutionLayer? Shortcut) : IAutoencoderPart
{
    /// <summary>Reads a block of the 2D model.</summary>
    public static ResidualBlock LoadSpatial(WeightLoader loader, int inputs, int outputs, int groups) => new(
        SpatialLayers.Norm(loader, "norm1", inputs, groups),
        SpatialLayers.Conv3x3(loader, "conv1", inputs, outputs),
        SpatialLayers.Norm(loader, "norm2", outputs, groups),
        SpatialLayers.Conv3x3(loader, "conv2", outputs, outputs),
        inputs == outputs ? null : SpatialLayers.Conv1x1(loader, "conv_shortcut", inputs, outputs));

    /// <summary>Reads a block of the temporal model.</summary>
    public static ResidualBlock LoadTemporal(WeightLoader loader, int inputs, int outputs, int groups) => new(
        TemporalLayers.Norm(loader, "norm1", inputs, groups),
        TemporalLayers.Conv3(loader, "conv1", inputs, outputs, bias: false),
        TemporalLayers.Norm(loader, "norm2", outputs, groups),
        TemporalLayers.Conv3(loader, "conv2", outputs, outputs, bias: false),
        inputs == outputs ? null : TemporalLayers.Conv1(loader, "conv3", inputs, outputs, bias: false));

    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        using var first = Convolve(engine, x, Norm1, Conv1, null);
        using var shortcut = Shortcut?.Run(engine, x);
        return Convolve(engine, first, Norm2, Conv2, shortcut ?? x);
    }

    public void Dispose()
    {
        Norm1.Dispose();
        Conv1.Dispose();
        Norm2.Dispose();
        Conv2.Dispose();
        Shortcut?.Dispose();
    }

    private static Tensor Convolve(ComputeEngine engine, Tensor x, GroupNormLayer norm, ConvolutionLayer convolution, Tensor? residual)
    {
        using var normed = norm.Run(engine, x, silu: true);
        return convolution.Run(engine, normed, residual);
    }
}
