namespace OnDeviceSora.Checkpoints;

/// <summary>
/// A model's weights by name, whether they are in one safetensors file or spread over several. Headers are read and checked
/// when it is opened, data when it is asked for. Reading from several threads at once is safe.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    private readonly Dictionary<string, (SafetensorsFile File, TensorInfo Tensor)> _tensors;
    private readonly IReadOnlyList<SafetensorsFile> _files;

    private Checkpoint(string path, IReadOnlyList<SafetensorsFile> files, Dictionary<string, (SafetensorsFile, TensorInfo)> tensors) =>
        (Path, _files, _tensors) = (path, files, tensors);

    /// <summary>The file, or the index, that was opened.</summary>
    public string Path { get; }

    /// <summary>Every tensor's name, as the models ask for it (see <see cref="TensorAliases"/>).</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Every tensor; <see cref="TensorInfo.Name"/> is the name in the file.</summary>
    public IEnumerable<TensorInfo> Tensors => _tensors.Values.Select(t => t.Tensor);

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="path">A <c>.safetensors</c> file, a <c>.safetensors.index.json</c>, or a folder that holds one.</param>
    /// <param name="aliases">Other names its tensors may be stored under; <c>null</c> for none.</param>
    /// <exception cref="InvalidFileException">A file is missing, damaged, or of another format.</exception>
    /// <exception cref="InvalidModelException">The folder holds no checkpoint, or index and shards do not fit.</exception>
    public static Checkpoint Open(string path, TensorAliases? aliases = null)
    {
        if (Directory.Exists(path)) path = CheckpointLocation.InFolder(path);
        aliases ??= TensorAliases.None;
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? OpenSharded(path, aliases)
            : OpenSingle(path, aliases);
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="InvalidModelException">There is none.</exception>
    public TensorInfo Find(string name) => Entry(name).Tensor;

    /// <summary>Reads a tensor as single precision.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="expectedShape">The shape the model needs.</param>
    /// <param name="destination">Receives the elements, row-major; as many as the shape says.</param>
    /// <exception cref="InvalidModelException">There is no such tensor, or it has another shape.</exception>
    /// <exception cref="InvalidFileException">The file changed since it was opened, or the element type cannot be converted.</exception>
    public void Read(string name, ReadOnlySpan<int> expectedShape, Span<float> destination)
    {
        var (_, tensor) = Entry(name);
        RequireShape(tensor, expectedShape);
        ReadElements(name, 0, destination);
    }

    /// <summary>Reads a run of a tensor's elements as single precision. Quantised weights are multiplied with their scales.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="firstElement">Where the run begins, counted row-major.</param>
    /// <param name="destination">Receives the elements; must not reach beyond the tensor.</param>
    /// <exception cref="InvalidModelException">There is no such tensor, or it is quantised and its scales are missing.</exception>
    /// <exception cref="InvalidFileException">The file changed since it was opened, or the element type cannot be converted.</exception>
    public void ReadElements(string name, long firstElement, Span<float> destination)
    {
        var (file, tensor) = Entry(name);
        if (tensor.ElementType == ElementType.I8)
            new QuantisedWeight(this, name).Read(firstElement, destination);
        else
            file.ReadAsFloat32(tensor, firstElement, destination);
    }

    /// <summary>The tensor of this name, if it has the shape the model needs.</summary>
    /// <exception cref="InvalidModelException">There is none, or it has another shape.</exception>
    public TensorInfo Find(string name, ReadOnlySpan<int> expectedShape)
    {
        var tensor = Entry(name).Tensor;
        RequireShape(tensor, expectedShape);
        return tensor;
    }

    /// <summary>Reads part of a tensor as it is stored.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="offset">The first byte, from the tensor's start.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <exception cref="InvalidModelException">There is no such tensor.</exception>
    /// <exception cref="InvalidFileException">The file changed since it was opened.</exception>
    public void ReadBytes(string name, long offset, Span<byte> destination)
    {
        var (file, tensor) = Entry(name);
        file.ReadBytes(tensor, offset, destination);
    }

    /// <summary>Reads a stretch of a file past the page cache; see <see cref="SafetensorsFile.ReadDirect"/>.</summary>
    /// <param name="tensor">A tensor of the file that is meant.</param>
    /// <param name="offset">An aligned position in the file.</param>
    /// <param name="destination">An aligned address, an aligned length.</param>
    public int ReadDirect(TensorInfo tensor, long offset, Span<byte> destination) =>
        _files.First(file => file.Path == tensor.File).ReadDirect(offset, destination);

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
    }

    private static Checkpoint OpenSingle(string path, TensorAliases aliases)
    {
        var file = SafetensorsFile.Open(path);
        return new Checkpoint(path, [file], Rename(file.Tensors.Values.Select(t => (file, t)), aliases));
    }

    private static Checkpoint OpenSharded(string path, TensorAliases aliases)
    {
        var index = ShardIndex.Load(path);
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        var missing = index.Shards.Where(s => !File.Exists(System.IO.Path.Combine(folder, s))).ToList();
        if (missing.Count > 0)
            throw new InvalidModelException(path, $"of the {index.Shards.Count} files the index names, missing are: {Describe.Names(missing)}");

        var files = new List<SafetensorsFile>();
        try
        {
            var stored = new Dictionary<string, (SafetensorsFile File, TensorInfo Tensor)>(StringComparer.Ordinal);
            foreach (var shard in index.Shards)
            {
                files.Add(SafetensorsFile.Open(System.IO.Path.Combine(folder, shard)));
                AddShard(path, stored, files[^1]);
            }

            return new Checkpoint(path, files, Rename(index.ShardOf.Select(e => Indexed(path, folder, e, stored)), aliases));
        }
        catch
        {
            foreach (var file in files) file.Dispose();
            throw;
        }
    }

    private static void AddShard(
        string path, Dictionary<string, (SafetensorsFile File, TensorInfo Tensor)> stored, SafetensorsFile shard)
    {
        foreach (var tensor in shard.Tensors.Values)
        {
            if (stored.TryAdd(tensor.Name, (shard, tensor))) continue;
            throw new InvalidModelException(path,
                $"tensor {Describe.Quote(tensor.Name)} is in two shards, {stored[tensor.Name].File.Path} and {shard.Path}; it must be in one");
        }
    }

    private static (SafetensorsFile, TensorInfo) Indexed(
        string path, string folder, KeyValuePair<string, string> entry,
        Dictionary<string, (SafetensorsFile File, TensorInfo Tensor)> stored)
    {
        var (name, shard) = entry;
        if (stored.TryGetValue(name, out var found) && found.File.Path == System.IO.Path.Combine(folder, shard)) return found;
        throw new InvalidModelException(path,
            $"the index says tensor {Describe.Quote(name)} is in {Describe.Quote(shard)}, but that file does not hold it");
    }

    private static Dictionary<string, (SafetensorsFile, TensorInfo)> Rename(
        IEnumerable<(SafetensorsFile File, TensorInfo Tensor)> stored, TensorAliases aliases)
    {
        var entries = stored.ToDictionary(e => e.Tensor.Name, StringComparer.Ordinal);
        var named = new Dictionary<string, (SafetensorsFile, TensorInfo)>(entries.Count, StringComparer.Ordinal);
        foreach (var (name, entry) in entries)
        {
            var canonical = aliases.Canonical(name);
            // A file that stores both names keeps both.
            named.TryAdd(entries.ContainsKey(canonical) ? name : canonical, entry);
        }

        return named;
    }

    private (SafetensorsFile File, TensorInfo Tensor) Entry(string name) =>
        _tensors.TryGetValue(name, out var entry)
            ? entry
            : throw new InvalidModelException(Path, $"tensor {Describe.Quote(name)} is missing; the checkpoint holds {_tensors.Count} others");

    private static void RequireShape(TensorInfo tensor, ReadOnlySpan<int> expected)
    {
        if (HasShape(tensor, expected)) return;
        throw new InvalidModelException(tensor.File,
            $"tensor {Describe.Quote(tensor.Name)} has the shape {tensor.ShapeText}; the model's configuration needs {Describe.Shape(expected)}");
    }

    private static bool HasShape(TensorInfo tensor, ReadOnlySpan<int> expected)
    {
        if (tensor.Shape.Length != expected.Length) return false;
        for (var i = 0; i < expected.Length; i++)
        {
            if (tensor.Shape[i] != expected[i]) return false;
        }

        return true;
    }
}
