using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>The value that runs through a model's parts: each part's result takes the place of its input, which is freed.</summary>
/// <param name="start">The first value; disposed with this object or by the first part that passes.</param>
internal sealed class RunningTensor(Tensor start) : IDisposable
{
    /// <summary>What the last part gave.</summary>
    public Tensor Value { get; private set; } = start;

    /// <summary>Runs one part.</summary>
    /// <param name="part">Makes a new tensor from the present value, or changes that in place and returns it.</param>
    public void Pass(Func<Tensor, Tensor> part)
    {
        var next = part(Value);
        if (ReferenceEquals(next, Value)) return;
        Value.Dispose();
        Value = next;
    }

    /// <summary>Frees the present value.</summary>
    public void Dispose() => Value.Dispose();
}
