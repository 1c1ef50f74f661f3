using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>A linear layer, <c>y = x W^T + b</c>, with its weights packed for the engine.</summary>
/// <param name="Weight">Weights, <c>[out, in]</c> in the checkpoint.</param>
/// <param name="Bias">Bias <c>[out]</c>, or <c>null</c>.</param>
internal sealed record Linear(PackedMatrix Weight, Tensor? Bias) : IDisposable
{
    /// <summary>Output features.</summary>
    public int Outputs => Weight.Columns;

    /// <summary>Computes <c>output = epilogue(x W^T + b)</c>.</summary>
    public void Run(ComputeEngine engine, Tensor x, Tensor output, in Epilogue epilogue = default) =>
        MatMul.Run(engine, x, Weight, output, epilogue with { Bias = Bias });

    /// <summary>Computes the layer into a new tensor of the shape of <paramref name="x"/> but for its last axis.</summary>
    public Tensor Run(ComputeEngine engine, Tensor x, Activation activation = Activation.None)
    {
        Span<int> shape = stackalloc int[x.Shape.Rank];
        x.Shape.Extents.CopyTo(shape);
        shape[^1] = Outputs;
        var output = engine.Allocate(shape);
        Run(engine, x, output, new Epilogue { Activation = activation });
        return output;
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        Weight.Dispose();
        Bias?.Dispose();
    }
}
