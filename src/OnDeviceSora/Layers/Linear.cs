using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>A linear layer, <c>y = x W^T + b</c>, with its weights packed for the engine.</summary>
/// <param name="Weight">Weights, <c>[out, in]</c> in the checkpoint.</param>
/// <param name="Bias">Bias <c>[out]</c>, or <c>null</c>.</param>
/// <param name="QuantisesInputs">Whether rows are quantised to bytes as well, so that the product is one of 8-bit integers; the weights must be such.</param>
internal sealed record Linear(PackedMatrix Weight, Tensor? Bias, bool QuantisesInputs = false) : IDisposable
{
    /// <summary>Input features.</summary>
    public int Inputs => Weight.Depth;

    /// <summary>Output features.</summary>
    public int Outputs => Weight.Columns;

    /// <summary>Computes <c>output = epilogue(x W^T + b)</c>.</summary>
    public void Run(ComputeEngine engine, Tensor x, Tensor output, in Epilogue epilogue = default)
    {
        if (QuantisesInputs) MatMul.RunQuantised(engine, x, Weight, output, epilogue with { Bias = Bias });
        else MatMul.Run(engine, x, Weight, output, epilogue with { Bias = Bias });
    }

    /// <summary>The same for rows in the form that the layer takes.</summary>
    public void Run(ComputeEngine engine, LayerInput x, Tensor output, in Epilogue epilogue = default)
    {
        if (x.Bytes is null) Run(engine, x.Floats!, output, epilogue);
        else MatMul.RunQuantised(engine, x.Bytes, Weight, output, epilogue with { Bias = Bias });
    }

    /// <summary>Computes the layer, in the form that the next one takes.</summary>
    public void Run(ComputeEngine engine, LayerInput x, LayerInput output, in Epilogue epilogue = default)
    {
        if (output.Bytes is null || x.Bytes is null) Run(engine, x, output.Floats!, epilogue);
        else MatMul.RunQuantised(engine, x.Bytes, Weight, output.Bytes, epilogue with { Bias = Bias });
    }

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
