using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>What a linear layer reads: floats, or the bytes that the operation before made of them.</summary>
internal readonly struct LayerInput : IDisposable
{
    private LayerInput(Tensor? floats, QuantisedRows? bytes) => (Floats, Bytes) = (floats, bytes);

    /// <summary>Rows as floats, or <c>null</c>.</summary>
    public Tensor? Floats { get; }

    /// <summary>Rows as bytes, or <c>null</c>.</summary>
    public QuantisedRows? Bytes { get; }

    /// <summary>Rows in the form that a layer takes. Their values are undefined.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="layer">The layer that will read them.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="writer">The layer that writes them, if one does: only a layer that reads bytes writes bytes.</param>
    public static LayerInput For(ComputeEngine engine, Linear layer, int rows, Linear? writer = null) => layer.QuantisesInputs && (writer?.QuantisesInputs ?? true)
        ? new LayerInput(null, new QuantisedRows(engine, rows, layer.Inputs))
        : new LayerInput(engine.Allocate(rows, layer.Inputs), null);

    /// <summary>Frees the rows.</summary>
    public void Dispose()
    {
        Floats?.Dispose();
        Bytes?.Dispose();
    }
}
