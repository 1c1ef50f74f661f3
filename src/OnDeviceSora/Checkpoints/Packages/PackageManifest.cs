namespace OnDeviceSora.Checkpoints;

/// <summary>
/// What a device package says of itself in <c>manifest.json</c>. A device package is a model folder whose tensors lie block by
/// block in execution order (paper, section 6; specification 13): each block is one contiguous range of its file.
/// </summary>
/// <param name="Name">The model's name.</param>
/// <param name="Precision">How the weights of the three models are stored.</param>
/// <param name="SourceRevisions">The commit of each published repository the weights came from, by repository; may be empty.</param>
/// <param name="Files">Every other file of the package.</param>
/// <param name="Errors">What conversion changed, by tensor; only tensors that lost precision.</param>
public sealed record PackageManifest(
    string Name,
    PackagePrecision Precision,
    IReadOnlyDictionary<string, string> SourceRevisions,
    IReadOnlyList<PackageFile> Files,
    IReadOnlyList<ConversionError> Errors)
{
    /// <summary>The manifest's name in a package.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The version of the format that this library writes, and the newest it reads.</summary>
    public const int FormatVersion = 1;

    /// <summary>Bytes of all files but the manifest.</summary>
    public long Bytes => Files.Sum(f => f.Size);

    /// <summary>Reads a package's manifest.</summary>
    /// <param name="folder">The package.</param>
    /// <returns>The manifest, or <c>null</c> when the folder has none: a plain model folder.</returns>
    /// <exception cref="InvalidFileException">It is damaged, or of a newer version.</exception>
    public static PackageManifest? Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? PackageManifestJson.Load(path) : null;
    }

    /// <summary>Refuses a folder whose files do not have the sizes that are said here. Cheap; <see cref="DevicePackage.Verify"/> looks at every byte.</summary>
    /// <exception cref="InvalidModelException">A file is missing or has another size.</exception>
    internal void RequireSizes(string folder)
    {
        foreach (var file in Files)
        {
            var info = new FileInfo(Path.Combine(folder, file.Name));
            if (!info.Exists) throw new InvalidModelException(folder, $"the package lacks {Describe.Quote(file.Name)}, which {FileName} lists");
            if (info.Length != file.Size)
                throw new InvalidModelException(folder, $"{Describe.Quote(file.Name)} has {info.Length} bytes; {FileName} says {file.Size}. Convert the model again");
        }
    }
}

/// <summary>A file of a package.</summary>
/// <param name="Name">Its name in the package's folder.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">Its SHA-256, 64 lower-case hexadecimal digits.</param>
/// <param name="Blocks">Its blocks in execution order; empty when it holds no weights.</param>
public sealed record PackageFile(string Name, long Size, string Sha256, IReadOnlyList<PackageBlock> Blocks);

/// <summary>A block of a package: the part of a model that is loaded, run and let go as one.</summary>
/// <param name="Name">The block, for example <c>spatial_blocks.3</c>.</param>
/// <param name="Offset">Its first byte in the file, a multiple of 4096.</param>
/// <param name="Size">Its bytes; 0 when it has no tensors.</param>
/// <param name="Sha256">The SHA-256 of those bytes.</param>
/// <param name="Tensors">Its tensors, fillers not counted.</param>
public sealed record PackageBlock(string Name, long Offset, long Size, string Sha256, int Tensors);

/// <summary>What conversion changed in one layer's weights.</summary>
/// <param name="File">The file that holds them.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="RelativeL2">The norm of the change by the norm of the weights.</param>
public sealed record ConversionError(string File, string Tensor, double RelativeL2);
