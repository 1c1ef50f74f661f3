using System.Security.Cryptography;
using System.Text;

namespace OnDeviceSora.Checkpoints;

/// <summary>Tells models apart: a short hash over every file's size and evenly spaced pieces of it, cheap for any size.</summary>
internal static class ModelFingerprint
{
    private const string ManifestFileName = "manifest.json";
    private const int Pieces = 64;
    private const int PieceBytes = 4096;

    /// <summary>The folder's name and the hash of its files, for example <c>opensora-tiny@3fa2b81c</c>.</summary>
    /// <param name="folder">A model folder.</param>
    public static string Of(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsPart).Order(StringComparer.Ordinal))
        {
            Append(hash, path);
        }
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return $"{name}@{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 4))}";
    }

    /// <summary>
    /// A hash of what the text encoder's result depends on: the tokenizer and the configuration whole, the encoder's weights by
    /// their sizes and pieces, and a device package's manifest, which knows the hash of every block.
    /// </summary>
    /// <param name="model">An open model folder.</param>
    public static byte[] OfTextEncoder(ModelFolder model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var whole in (string[])[model.TokenizerPath, Path.Combine(model.Path, ModelConfig.FileName), Path.Combine(model.Path, ManifestFileName)])
        {
            // The name keeps a missing manifest apart from an empty one.
            if (!File.Exists(whole)) continue;
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(whole)));
            using var content = File.OpenRead(whole);
            hash.AppendData(SHA256.HashData(content));
        }
        foreach (var weights in model.TextEncoder.Tensors.Select(tensor => tensor.File).Distinct().Order(StringComparer.Ordinal)) Append(hash, weights);
        return hash.GetHashAndReset();
    }

    private static bool IsPart(string path) => Path.GetExtension(path) is ".json" or ".safetensors" or ".model";

    private static void Append(IncrementalHash hash, string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        hash.AppendData(BitConverter.GetBytes(length));
        var piece = new byte[PieceBytes];
        var last = 0L;
        for (var i = 0; i < Pieces && last < length; i++)
        {
            var offset = Math.Max(last, length * i / Pieces);
            var read = RandomAccess.Read(file, piece, offset);
            hash.AppendData(piece, 0, read);
            last = offset + read;
        }
    }
}
