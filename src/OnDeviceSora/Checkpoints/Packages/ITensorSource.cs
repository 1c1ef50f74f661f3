namespace OnDeviceSora.Checkpoints;

/// <summary>A model's weights as single-precision numbers by name, whatever they come from.</summary>
internal interface ITensorSource : IDisposable
{
    /// <summary>Whether there is a tensor of this name.</summary>
    bool Contains(string name);

    /// <summary>Reads a run of a tensor's elements.</summary>
    /// <param name="tensor">The tensor, with the shape that it has.</param>
    /// <param name="firstElement">Where the run begins, counted row-major.</param>
    /// <param name="destination">Receives the elements; must not reach beyond the tensor.</param>
    void Read(ExpectedTensor tensor, long firstElement, Span<float> destination);
}

/// <summary>A checkpoint's weights; its tensors were compared with the model's before.</summary>
internal sealed class CheckpointSource(Checkpoint checkpoint) : ITensorSource
{
    /// <inheritdoc/>
    public bool Contains(string name) => checkpoint.Contains(name);

    /// <inheritdoc/>
    public void Read(ExpectedTensor tensor, long firstElement, Span<float> destination) =>
        checkpoint.ReadElements(tensor.Name, firstElement, destination);

    /// <summary>Closes the checkpoint.</summary>
    public void Dispose() => checkpoint.Dispose();
}
