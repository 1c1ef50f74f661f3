using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OnDeviceSora.Checkpoints;

/// <summary>
/// Writes a safetensors file: name the tensors first, then their data streams to disk one after the other. The file appears
/// under its name only when it is complete.
/// </summary>
internal sealed class SafetensorsWriter
{
    private const int ChunkElements = 64 * 1024;

    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly List<(TensorEntry Entry, Action<Stream> Write)> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal) { "__metadata__" };

    /// <summary>Adds a text entry to the metadata.</summary>
    public SafetensorsWriter AddMetadata(string key, string text)
    {
        _metadata.Add(key, text);
        return this;
    }

    /// <summary>Adds a single-precision tensor.</summary>
    /// <param name="name">Its name, not yet used.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="values">Its elements, row-major; read when the file is saved.</param>
    public SafetensorsWriter Add(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<float> values) =>
        Add(name, ElementType.F32, shape, values.Length * 4L, stream => WriteFloats(stream, values));

    /// <summary>Adds a tensor of any type from its bytes as they are stored.</summary>
    /// <param name="name">Its name, not yet used.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="bytes">Little-endian, row-major; read when the file is saved.</param>
    public SafetensorsWriter Add(string name, ElementType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> bytes) =>
        Add(name, type, shape, bytes.Length, stream => stream.Write(bytes.Span));

    /// <summary>Writes the file.</summary>
    /// <param name="path">Where; an existing file is replaced.</param>
    /// <param name="cancellation">Stops between tensors; nothing is left behind.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Save(string path, CancellationToken cancellation = default) => AtomicFile.Write(path, stream =>
    {
        // Data starts at a multiple of 8, as the reference writer does it.
        stream.Write(SafetensorsHeaderWriter.Write(_tensors.Select(t => t.Entry), _metadata, alignment: 8));
        foreach (var tensor in _tensors)
        {
            cancellation.ThrowIfCancellationRequested();
            tensor.Write(stream);
        }
    });

    private SafetensorsWriter Add(string name, ElementType type, ReadOnlySpan<long> shape, long bytes, Action<Stream> write)
    {
        var bits = (long)type.Bits();
        foreach (var dimension in shape) bits = checked(bits * dimension);
        if (bits != checked(bytes * 8))
            throw new ArgumentException($"tensor {name} of shape {Describe.Shape(shape)} takes {bits / 8} bytes, {bytes} were given", nameof(shape));
        if (!_names.Add(name)) throw new ArgumentException($"the name {name} is already used", nameof(name));
        _tensors.Add((new TensorEntry(name, type, shape.ToArray()), write));
        return this;
    }

    private static void WriteFloats(Stream stream, ReadOnlyMemory<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            // In pieces, because a span of bytes ends at 2 GB.
            for (var done = 0; done < values.Length; done += ChunkElements)
                stream.Write(MemoryMarshal.AsBytes(values.Span.Slice(done, Math.Min(ChunkElements, values.Length - done))));
            return;
        }

        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in values.Span)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }
}
