namespace OnDeviceSora.Checkpoints;

/// <summary>Finds the file or index that holds a checkpoint's weights, from whatever a person pointed at.</summary>
internal static class CheckpointLocation
{
    private const string Extension = ".safetensors";

    // What the common tools call the weights inside a model's folder, preferred first.
    private static readonly string[] UsualNames = ["model", "diffusion_pytorch_model"];
    private static readonly string[] ForeignExtensions = [".bin", ".pt", ".pth", ".ckpt", ".gguf", ".msgpack", ".h5", ".onnx"];

    /// <summary>The weights file or index inside a folder.</summary>
    /// <exception cref="InvalidModelException">There is none, or more than one and no usual name among them.</exception>
    public static string InFolder(string folder)
    {
        foreach (var name in UsualNames)
        {
            if (Named(folder, name) is { } usual) return usual;
        }

        var files = FileNames(folder);
        var indexes = files.Where(f => f.EndsWith(ShardIndex.Suffix, StringComparison.Ordinal)).ToList();
        var weights = files.Where(f => f.EndsWith(Extension, StringComparison.Ordinal)).ToList();
        var candidates = indexes.Count > 0 ? indexes : weights;
        return candidates.Count switch
        {
            1 => Path.Combine(folder, candidates[0]),
            0 => throw Nothing(folder, files),
            _ => throw new InvalidModelException(folder,
                $"the folder holds several checkpoints ({Describe.Names(candidates)}); name the one that is meant"),
        };
    }

    /// <summary>The checkpoint <c>NAME.safetensors</c>, <c>NAME.safetensors.index.json</c> or the folder <c>NAME</c>; <c>null</c> when there is none.</summary>
    public static string? Named(string folder, string name)
    {
        var file = Path.Combine(folder, name + Extension);
        if (File.Exists(file)) return file;
        var index = Path.Combine(folder, name + ShardIndex.Suffix);
        if (File.Exists(index)) return index;
        var subfolder = Path.Combine(folder, name);
        return Directory.Exists(subfolder) ? subfolder : null;
    }

    private static List<string> FileNames(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException(folder, $"the folder cannot be read: {e.Message}", e);
        }
    }

    private static InvalidModelException Nothing(string folder, List<string> files)
    {
        var foreign = files.Where(f => ForeignExtensions.Contains(Path.GetExtension(f).ToLowerInvariant())).ToList();
        return new InvalidModelException(folder, foreign.Count == 0
            ? "the folder holds no .safetensors file"
            : $"the folder holds no .safetensors file; {Describe.Names(foreign)} cannot be read (a PyTorch file could run code when loaded): convert to safetensors");
    }
}
