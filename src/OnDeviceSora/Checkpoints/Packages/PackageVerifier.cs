using System.Security.Cryptography;

namespace OnDeviceSora.Checkpoints;

/// <summary>Compares a package with its manifest, byte by byte, and its tensors with its configuration.</summary>
internal sealed class PackageVerifier
{
    private const int PieceBytes = 512 * 1024;

    private readonly byte[] _piece = new byte[PieceBytes];
    private readonly List<PackageProblem> _problems = [];
    private readonly string _folder;
    private readonly PackageMeter _meter;
    private readonly CancellationToken _cancellation;

    private PackageVerifier(string folder, PackageMeter meter, CancellationToken cancellation) =>
        (_folder, _meter, _cancellation) = (folder, meter, cancellation);

    /// <summary>Checks a package.</summary>
    public static PackageVerification Verify(string folder, IProgress<PackageProgress>? progress, CancellationToken cancellation)
    {
        ModelFolder.RequireFolder(folder);
        var manifest = PackageManifest.Find(folder)
            ?? throw new InvalidModelException(folder, $"the folder has no {PackageManifest.FileName}; it is no device package (sora convert makes one)");
        var verifier = new PackageVerifier(folder, new PackageMeter(manifest.Bytes, progress), cancellation);
        foreach (var file in manifest.Files) verifier.CheckFile(file);
        verifier.CheckParts(manifest);
        // Damage explains all that follows from it.
        if (verifier._problems.Count == 0) verifier.CheckTensors(manifest);
        return new PackageVerification(folder, manifest, verifier._problems);
    }

    private void CheckFile(PackageFile file)
    {
        try
        {
            using var handle = CheckpointFile.OpenForReading(Path.Combine(_folder, file.Name));
            var length = RandomAccess.GetLength(handle);
            if (length != file.Size) Add(file, null, $"it has {length} bytes; {file.Size} are right");
            using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var done = 0L;
            foreach (var block in file.Blocks)
            {
                Read(handle, file, "", done, block.Offset, [whole]);
                using var own = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                var complete = Read(handle, file, block.Name, block.Offset, block.Offset + block.Size, [whole, own]);
                done = block.Offset + block.Size;
                if (!complete) Add(file, block, "the file ends before or inside it");
                else if (Digest(own) != block.Sha256) Add(file, block, "its bytes are not those that were written");
            }

            Read(handle, file, "", done, file.Size, [whole]);
            if (length == file.Size && Digest(whole) != file.Sha256 && !_problems.Exists(p => p.File == file.Name))
                Add(file, null, file.Blocks.Count > 0 ? "its bytes outside the blocks (the header or fillers) are not those that were written" : "its bytes are not those that were written");
        }
        catch (InvalidFileException e)
        {
            Add(file, null, e.Message[(e.Path.Length + 2)..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add(file, null, $"cannot be read: {e.Message}");
        }
    }

    /// <summary>Feeds a range to hashes; false when the file ends first.</summary>
    private bool Read(Microsoft.Win32.SafeHandles.SafeFileHandle handle, PackageFile file, string block, long begin, long end, ReadOnlySpan<IncrementalHash> hashes)
    {
        while (begin < end)
        {
            _cancellation.ThrowIfCancellationRequested();
            var wanted = _piece.AsSpan(0, (int)Math.Min(_piece.Length, end - begin));
            var read = CheckpointFile.Read(handle, wanted, begin);
            foreach (var hash in hashes) hash.AppendData(wanted[..read]);
            _meter.Add(wanted.Length, file.Name, block);
            if (read < wanted.Length) return false;
            begin += read;
        }

        return true;
    }

    private void CheckParts(PackageManifest manifest)
    {
        string[] needed = [ModelConfig.FileName, ModelFolder.TokenizerFileName, .. Models.Select(m => m + ".safetensors")];
        foreach (var name in needed.Where(n => manifest.Files.All(f => f.Name != n)))
            _problems.Add(new PackageProblem(PackageManifest.FileName, null, $"it does not list {name}, which every package has"));
    }

    private void CheckTensors(PackageManifest manifest)
    {
        try
        {
            using var model = ModelFolder.Open(_folder);
            var config = model.Config;
            CheckBlocks(manifest, model.TextEncoder, ModelFolder.TextEncoderName, ModelBlocks.T5(config.TextEncoder));
            CheckBlocks(manifest, model.Transformer, ModelFolder.TransformerName, ModelBlocks.STDiT3(config.Transformer));
            CheckBlocks(manifest, model.Vae, ModelFolder.VaeName, ModelBlocks.Vae(config.Vae));
        }
        catch (Exception e) when (e is InvalidFileException or InvalidModelException)
        {
            _problems.Add(new PackageProblem(ModelConfig.FileName, null, $"the tensors do not fit the configuration: {e.Message}"));
        }
    }

    /// <summary>Every tensor must lie in the range of its block, and every block be listed.</summary>
    private void CheckBlocks(PackageManifest manifest, Checkpoint checkpoint, string model, IReadOnlyList<ModelBlock> blocks)
    {
        var file = manifest.Files.First(f => f.Name == model + ".safetensors");
        if (!file.Blocks.Select(b => b.Name).SequenceEqual(blocks.Select(b => b.Name)))
        {
            Add(file, null, $"{PackageManifest.FileName} lists other blocks than the configuration has, or in another order");
            return;
        }

        foreach (var block in file.Blocks)
        {
            var tensors = checkpoint.Tensors.Where(t => !PackageTensors.IsPadding(t.Name) && OwnerOf(blocks, t.Name) == block.Name).ToList();
            if (tensors.Count != block.Tensors) Add(file, block, $"it has {tensors.Count} tensors; {PackageManifest.FileName} says {block.Tensors}");
            var outside = tensors.Find(t => t.Offset < block.Offset || t.Offset + t.ByteLength > block.Offset + block.Size);
            if (outside is not null) Add(file, block, $"its tensor {Describe.Quote(outside.Name)} lies outside it");
        }
    }

    private static string[] Models => [ModelFolder.TextEncoderName, ModelFolder.TransformerName, ModelFolder.VaeName];

    private static string? OwnerOf(IReadOnlyList<ModelBlock> blocks, string tensor) => blocks.FirstOrDefault(b => b.Claims(tensor))?.Name;

    private static string Digest(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());

    private void Add(PackageFile file, PackageBlock? block, string problem) => _problems.Add(new PackageProblem(file.Name, block?.Name, problem));
}
