using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>A group norm of channels-last data.</summary>
/// <param name="Weight">Factors <c>[channels]</c>.</param>
/// <param name="Bias">Offsets <c>[channels]</c>.</param>
/// <param name="Groups">Groups of channels.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="ByFrame">Whether each frame has its own statistics (2D model) or all share them (temporal model).</param>
internal sealed record GroupNormLayer(Tensor Weight, Tensor Bias, int Groups, float Epsilon, bool ByFrame) : IDisposable
{
    /// <summary>Computes the norm, and SiLU after it if asked for, into a new tensor of the shape of <paramref name="x"/>.</summary>
    public Tensor Run(ComputeEngine engine, Tensor x, bool silu)
    {
        var output = engine.Allocate(x.Shape.Extents);
        Run(engine, x, silu, output);
        return output;
    }

    /// <summary>Replaces <paramref name="x"/> by its norm, and SiLU after it if asked for.</summary>
    public void RunInPlace(ComputeEngine engine, Tensor x, bool silu) => Run(engine, x, silu, x);

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        Weight.Dispose();
        Bias.Dispose();
    }

    private void Run(ComputeEngine engine, Tensor x, bool silu, Tensor output)
    {
        var items = ByFrame ? x.Shape[0] : 1;
        var view = x.Reshape(items, (int)(x.Length / items / Weight.Length), (int)Weight.Length);
        GroupNorm.Run(engine, view, Groups, Weight, Bias, Epsilon, silu, output);
    }
}
