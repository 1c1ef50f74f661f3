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

    /// <summary>Runs the block. Norms and sums take the place of what they are made of, so that three tensors are held at most.</summary>
    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        var sum = Shortcut is null ? x : Shortcut.Run(engine, x);
        try
        {
            using var hidden = RunFirst(engine, x);
            Norm2.RunInPlace(engine, hidden, silu: true);
            Conv2.AddTo(engine, hidden, sum);
            return sum;
        }
        catch
        {
            if (Shortcut is not null) sum.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Norm1.Dispose();
        Conv1.Dispose();
        Norm2.Dispose();
        Conv2.Dispose();
        Shortcut?.Dispose();
    }

    private Tensor RunFirst(ComputeEngine engine, Tensor x)
    {
        // Without a shortcut the input is still to be added.
        using var normed = Shortcut is null ? Norm1.Run(engine, x, silu: true) : null;
        if (normed is null) Norm1.RunInPlace(engine, x, silu: true);
        return Conv1.Run(engine, normed ?? x);
    }
}
