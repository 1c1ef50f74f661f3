namespace OnDeviceSora.Checkpoints;

/// <summary>
/// The <c>*.safetensors.index.json</c> of a checkpoint that is spread over several files: which file holds which tensor.
/// Shards lie beside the index; a path that leads elsewhere is refused.
/// </summary>
internal sealed class ShardIndex
{
    /// <summary>The largest index that is read, in bytes (the largest published ones have a few million).</summary>
    public const long MaximumBytes = 32 * 1024 * 1024;

    /// <summary>The most shards one checkpoint may have.</summary>
    public const int MaximumShards = 1000;

    /// <summary>How an index file's name ends.</summary>
    public const string Suffix = ".safetensors.index.json";

    private ShardIndex(IReadOnlyDictionary<string, string> shardOf, IReadOnlyList<string> shards) =>
        (ShardOf, Shards) = (shardOf, shards);

    /// <summary>The file name of the shard that holds each tensor.</summary>
    public IReadOnlyDictionary<string, string> ShardOf { get; }

    /// <summary>Every shard's file name once.</summary>
    public IReadOnlyList<string> Shards { get; }

    /// <summary>Reads an index; the shards themselves are not opened.</summary>
    /// <exception cref="InvalidFileException">The index breaks a rule.</exception>
    public static ShardIndex Load(string path) => Parse(path, CheckpointFile.ReadAll(path, MaximumBytes));

    /// <summary>Parses the bytes of an index.</summary>
    /// <exception cref="InvalidFileException">The index breaks a rule.</exception>
    public static ShardIndex Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonFile.Parse(path, utf8);
        if (!document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != System.Text.Json.JsonValueKind.Object)
            throw new InvalidFileException(path, "the index has no object 'weight_map' that names each tensor's file");

        var shardOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            var shard = JsonFile.Text(path, entry.Name, entry.Value);
            RequirePlainFileName(path, entry.Name, shard);
            shardOf.Add(entry.Name, shard);
        }

        var shards = shardOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (shards.Count == 0) throw new InvalidFileException(path, "the index names no tensor");
        if (shards.Count > MaximumShards)
            throw new InvalidFileException(path, $"the index names {shards.Count} files; at most {MaximumShards} are accepted");
        return new ShardIndex(shardOf, shards);
    }

    private static void RequirePlainFileName(string path, string tensor, string shard)
    {
        var where = $"tensor {Describe.Quote(tensor)} is said to be in {Describe.Quote(shard)}";
        // Checked by hand and not by Path.IsPathRooted: what is absolute on another system is refused here too.
        if (shard.StartsWith('/') || shard.StartsWith('\\') || (shard.Length > 1 && shard[1] == ':'))
            throw new InvalidFileException(path, $"{where}, an absolute path; a shard must lie beside the index");
        if (shard.Split('/', '\\').Contains(".."))
            throw new InvalidFileException(path, $"{where}, which leads out of the folder; a shard must lie beside the index");
        if (shard.AsSpan().ContainsAny('/', '\\') || shard.AsSpan().Contains('\0') || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
            throw new InvalidFileException(path, $"{where}; the name of a .safetensors file beside the index is needed");
    }
}
