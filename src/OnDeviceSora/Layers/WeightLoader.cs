using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>Reads layers out of a checkpoint by name, packed for an engine.</summary>
/// <param name="engine">The engine that will compute with them.</param>
/// <param name="checkpoint">Where the weights are.</param>
/// <param name="prefix">Put before every name, for example <c>spatial_blocks.3.</c>.</param>
internal sealed class WeightLoader(ComputeEngine engine, Checkpoint checkpoint, string prefix = "")
{
    /// <summary>The engine that will compute with the weights.</summary>
    public ComputeEngine Engine => engine;

    /// <summary>The same checkpoint, deeper in the tree of names.</summary>
    public WeightLoader Within(string name) => new(engine, checkpoint, prefix + name + ".");

    /// <summary>Whether the checkpoint has a tensor of this name.</summary>
    public bool Has(string name) => checkpoint.Contains(prefix + name);

    /// <summary>A tensor as it is stored.</summary>
    public Tensor Tensor(string name, params ReadOnlySpan<int> shape)
    {
        var tensor = engine.AllocateFor(MemoryOwner.Weights, shape);
        checkpoint.Read(prefix + name, shape, tensor.Span);
        return tensor;
    }

    /// <summary>A linear layer: <c>NAME.weight</c> and, if asked for, <c>NAME.bias</c>.</summary>
    public Linear Linear(string name, int inputs, int outputs, bool bias = true)
    {
        using var weight = Tensor(name + ".weight", outputs, inputs);
        return new Linear(
            PackedMatrix.Pack(engine, weight.Span, outputs, inputs),
            bias ? Tensor(name + ".bias", outputs) : null);
    }

    /// <summary>A convolution: <c>NAME.weight</c> and, if asked for, <c>NAME.bias</c>. A 2D kernel is stored without its time axis.</summary>
    public ConvolutionLayer Convolution(string name, int inputs, int outputs, in ConvolutionGeometry geometry, bool is3D, bool bias = true)
    {
        var (t, y, x) = (geometry.Time.Kernel, geometry.Height.Kernel, geometry.Width.Kernel);
        using var weight = is3D ? Tensor(name + ".weight", outputs, inputs, t, y, x) : Tensor(name + ".weight", outputs, inputs, y, x);
        return new ConvolutionLayer(
            PackedConvolution.Pack(engine, weight.Span, outputs, inputs, geometry),
            bias ? Tensor(name + ".bias", outputs) : null);
    }

    /// <summary>A group norm: <c>NAME.weight</c> and <c>NAME.bias</c>.</summary>
    public GroupNormLayer GroupNorm(string name, int channels, int groups, float epsilon, bool byFrame) =>
        new(Tensor(name + ".weight", channels), Tensor(name + ".bias", channels), groups, epsilon, byFrame);
}
