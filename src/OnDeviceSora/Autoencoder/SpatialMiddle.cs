using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>The middle of encoder and decoder of the 2D model: residual block, attention, residual block.</summary>
internal sealed record SpatialMiddle(ResidualBlock First, SpatialAttention Attention, ResidualBlock Second) : IDisposable
{
    /// <summary>Reads the blocks; <paramref name="loader"/> stands at <c>mid_block.</c>.</summary>
    public static SpatialMiddle Load(WeightLoader loader, int channels, int groups) => new(
        ResidualBlock.LoadSpatial(loader.Within("resnets.0"), channels, channels, groups),
        SpatialAttention.Load(loader.Within("attentions.0"), channels, groups),
        ResidualBlock.LoadSpatial(loader.Within("resnets.1"), channels, channels, groups));

    /// <summary>Runs the blocks into a new tensor.</summary>
    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        using var first = First.Run(engine, x);
        Attention.Run(engine, first);
        return Second.Run(engine, first);
    }

    public void Dispose()
    {
        First.Dispose();
        Attention.Dispose();
        Second.Dispose();
    }
}
