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

    /// <summary>Runs the blocks on <paramref name="x"/>, in place.</summary>
    /// <returns><paramref name="x"/>: no block of the middle changes the channels.</returns>
    public Tensor Run(ComputeEngine engine, Tensor x)
    {
        First.Run(engine, x);
        Attention.Run(engine, x);
        return Second.Run(engine, x);
    }

    public void Dispose()
    {
        First.Dispose();
        Attention.Dispose();
        Second.Dispose();
    }
}
