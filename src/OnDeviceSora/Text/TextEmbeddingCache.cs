using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Text;

/// <summary>
/// Caption features on disk, so that a prompt used again does not touch the text encoder's weights: one safetensors file an
/// entry, named by a hash of everything the bits depend on. No entry holds the prompt's text. Whatever goes wrong with the folder, the
/// cache only misses. Processes may share a folder.
/// </summary>
internal sealed class TextEmbeddingCache
{
    /// <summary>Most bytes the entries may take by default.</summary>
    public const long DefaultMaximumBytes = 512L << 20;

    private const string Extension = ".safetensors", Tensor = "features";
    private const string FormatKey = "format", HashKey = "sha256", Format = "on-device-sora text embedding 1";
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly long _maximumBytes;
    private readonly byte[] _identity;

    /// <summary>Opens a cache for one model; its files are read now, so that a hit needs none of them later.</summary>
    /// <param name="folder">Where the entries are; created when the first is stored.</param>
    /// <param name="model">The model.</param>
    /// <param name="width">Vector width of the engine: it changes the last bits.</param>
    /// <param name="maximumBytes">Most bytes the entries may take together; those unused for longest are removed.</param>
    public TextEmbeddingCache(string folder, ModelFolder model, VectorWidth width, long maximumBytes = DefaultMaximumBytes)
    {
        (_folder, _maximumBytes) = (folder, maximumBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(ModelFingerprint.OfTextEncoder(model));
        hash.AppendData(BitConverter.GetBytes((int)width));
        hash.AppendData(BitConverter.GetBytes((int)RuntimeInformation.ProcessArchitecture));
        // Another build may compute other last bits.
        hash.AppendData(typeof(ComputeEngine).Module.ModuleVersionId.ToByteArray());
        hash.AppendData(typeof(T5Encoder).Module.ModuleVersionId.ToByteArray());
        _identity = hash.GetHashAndReset();
    }

    /// <summary>The features of some tokens, row-major <c>[tokens, channels]</c>; <c>null</c> when they are not there.</summary>
    /// <param name="ids">The ids of the tokens that count.</param>
    /// <param name="channels">Width of the text encoder.</param>
    public float[]? Find(ReadOnlySpan<int> ids, int channels)
    {
        var path = PathOf(ids);
        try
        {
            if (!File.Exists(path)) return null;
            var values = Read(path, ids.Length, channels);
            File.SetLastAccessTimeUtc(path, DateTime.UtcNow);
            return values;
        }
        catch (Exception e) when (e is SoraException or IOException or UnauthorizedAccessException)
        {
            // Damaged, or just removed by another process: computing replaces it.
            return null;
        }
    }

    /// <summary>Keeps the features of some tokens, if it can.</summary>
    /// <param name="ids">The ids of the tokens that count.</param>
    /// <param name="values">Features, row-major <c>[tokens, channels]</c>.</param>
    public void Store(ReadOnlySpan<int> ids, ReadOnlySpan<float> values)
    {
        if (values.Length * (long)sizeof(float) > _maximumBytes) return;
        var path = PathOf(ids);
        try
        {
            Directory.CreateDirectory(_folder);
            new SafetensorsWriter()
                .AddMetadata(FormatKey, Format)
                .AddMetadata(HashKey, HashOf(values))
                .Add(Tensor, [ids.Length, values.Length / ids.Length], values.ToArray())
                .Save(path);
            Trim();
        }
        catch (Exception e) when (e is SoraException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // A cache that cannot be written is no cache; the video does not need it.
        }
    }

    private string PathOf(ReadOnlySpan<int> ids)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_identity);
        hash.AppendData(MemoryMarshal.AsBytes(ids));
        return Path.Combine(_folder, Convert.ToHexStringLower(hash.GetHashAndReset()) + Extension);
    }

    private static float[] Read(string path, int tokens, int channels)
    {
        using var file = SafetensorsFile.Open(path);
        var sound = file.Metadata.GetValueOrDefault(FormatKey) == Format && file.Tensors.TryGetValue(Tensor, out var tensor)
            && tensor.ElementType == ElementType.F32 && tensor.Shape.AsSpan().SequenceEqual([tokens, channels]);
        var values = new float[sound ? tokens * channels : 0];
        if (sound) file.ReadAsFloat32(file.Tensors[Tensor], values);
        return sound && file.Metadata.GetValueOrDefault(HashKey) == HashOf(values) ? values : throw new InvalidFileException(path, "the entry is damaged");
    }

    private static string HashOf(ReadOnlySpan<float> values) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values)));

    /// <summary>Removes what was unused for longest until the rest fits, and what killed processes have left.</summary>
    private void Trim()
    {
        var entries = new List<FileInfo>();
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles())
        {
            if (file.Extension == Extension) entries.Add(file);
            else if (file.Extension == ".partial" && DateTime.UtcNow - file.LastWriteTimeUtc > AbandonedAfter) file.Delete();
        }
        var bytes = 0L;
        foreach (var entry in entries.OrderByDescending(entry => entry.LastAccessTimeUtc))
        {
            bytes += entry.Length;
            if (bytes > _maximumBytes) entry.Delete();
        }
    }
}
