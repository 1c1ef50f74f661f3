using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Bench.Synthesis;

/// <summary>Writes made-up tensors as one safetensors file.</summary>
internal static class SyntheticFile
{
    /// <summary>Writes it.</summary>
    /// <param name="path">Its name; it must not exist.</param>
    /// <param name="weights">The tensors' values.</param>
    /// <param name="tensors">The tensors, in the order in which they are stored.</param>
    /// <param name="type">F32, BF16 or F16, for all of them.</param>
    /// <param name="cancellation">Looked at every few hundred thousand weights.</param>
    /// <returns>Bytes written.</returns>
    public static long Write(string path, ITensorSource weights, IReadOnlyList<ExpectedTensor> tensors, ElementType type, CancellationToken cancellation)
    {
        var entries = tensors.Select(tensor => new TensorEntry(tensor.Name, type, tensor.Shape));
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        stream.Write(SafetensorsHeaderWriter.Write(entries, new Dictionary<string, string> { ["format"] = "pt" }, alignment: 8));
        var encoder = new TensorEncoder(Path.GetFileName(path), weights);
        foreach (var tensor in tensors) encoder.Encode(tensor, type, stream.Write, cancellation);
        return stream.Length;
    }
}
