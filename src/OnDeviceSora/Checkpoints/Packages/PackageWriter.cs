using System.Security.Cryptography;

namespace OnDeviceSora.Checkpoints;

/// <summary>Writes a device package from any source of weights.</summary>
internal static class PackageWriter
{
    // The manifest and what a file system needs for itself.
    private const long SmallFiles = 1 << 20;

    /// <summary>Writes a package; it appears under its name only when it is complete.</summary>
    /// <param name="source">What to write.</param>
    /// <param name="destination">The package's folder, which must not exist or be empty.</param>
    /// <param name="precision">How to store the weights.</param>
    /// <param name="replace">Whether a package of that name may be replaced; other folders never are.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Stops within a few hundred thousand weights; nothing is left behind.</param>
    /// <exception cref="InvalidModelException">A weight cannot be stored in the precision.</exception>
    /// <exception cref="OutputException">The package cannot be written.</exception>
    public static PackageManifest Write(
        ModelSource source, string destination, PackagePrecision precision, bool replace, IProgress<PackageProgress>? progress, CancellationToken cancellation)
    {
        precision.Check();
        cancellation.ThrowIfCancellationRequested();
        RequireApart(source, destination);
        var config = source.Config;
        Part[] parts =
        [
            Plan(ModelFolder.TextEncoderName, source.TextEncoder, ModelBlocks.T5(config.TextEncoder), TensorNames.T5(config.TextEncoder), precision.TextEncoder),
            Plan(ModelFolder.TransformerName, source.Transformer, ModelBlocks.STDiT3(config.Transformer), TensorNames.STDiT3(config.Transformer), precision.Transformer),
            Plan(ModelFolder.VaeName, source.Vae, ModelBlocks.Vae(config.Vae), TensorNames.Vae(config.Vae), precision.Vae),
        ];
        using var folder = PartialFolder.Create(destination, path => replace && File.Exists(Path.Combine(path, PackageManifest.FileName)));
        try
        {
            var total = parts.Sum(p => p.Layout.FileBytes);
            DiskSpace.Require(folder.Path, total + source.Tokenizer.Length + SmallFiles, "make room or name a folder on another disk");
            var manifest = WriteFiles(source, folder.Path, precision, parts, new PackageMeter(total, progress), cancellation);
            folder.Complete();
            return manifest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(destination, $"cannot be written: {e.Message}", e);
        }
    }

    private static PackageManifest WriteFiles(
        ModelSource source, string folder, PackagePrecision precision, Part[] parts, PackageMeter meter, CancellationToken cancellation)
    {
        var files = new List<PackageFile>
        {
            WriteSmall(folder, ModelConfig.FileName, source.ConfigJson), WriteSmall(folder, ModelFolder.TokenizerFileName, source.Tokenizer),
        };
        var errors = new List<ConversionError>();
        foreach (var part in parts)
        {
            using var writer = new PackageFileWriter(part.Layout, new TensorEncoder($"{source.Name}, {part.Name}", part.Tensors), meter);
            files.Add(writer.Write(Path.Combine(folder, part.Name + ".safetensors"), cancellation));
            errors.AddRange(writer.Errors);
        }

        var manifest = new PackageManifest(source.Name, precision, source.Revisions, files, errors);
        WriteSmall(folder, PackageManifest.FileName, PackageManifestJson.Write(manifest));
        return manifest;
    }

    private static Part Plan(string name, ITensorSource tensors, IReadOnlyList<ModelBlock> blocks, IEnumerable<ExpectedTensor> expected, WeightPrecision precision)
    {
        // The embedding's second name is no second tensor. What the model has no use for is not among the expected.
        var stored = expected.Where(t => tensors.Contains(t.Name) && t.Name != "encoder.embed_tokens.weight");
        return new Part(name, tensors, PackageLayout.Create(blocks, stored, precision));
    }

    private static PackageFile WriteSmall(string folder, string name, byte[] bytes)
    {
        using var stream = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
        return new PackageFile(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), []);
    }

    private static void RequireApart(ModelSource source, string destination)
    {
        var target = WithSeparator(destination);
        foreach (var folder in source.Folders)
        {
            if (WithSeparator(folder).StartsWith(target, StringComparison.Ordinal))
                throw new OutputException(destination, $"the package would take the place of {folder}, from which it is made; name another folder");
        }

        static string WithSeparator(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
    }

    private sealed record Part(string Name, ITensorSource Tensors, PackageLayout Layout);
}
