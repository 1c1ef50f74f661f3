using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OnDeviceSora.Checkpoints;

/// <summary>Writes one model's file of a device package, from its first byte to its last, hashing file and blocks on the way.</summary>
/// <param name="layout">Where everything lies.</param>
/// <param name="encoder">Converts the tensors.</param>
/// <param name="meter">Counts the bytes.</param>
internal sealed class PackageFileWriter(PackageLayout layout, TensorEncoder encoder, PackageMeter meter) : IDisposable
{
    private readonly IncrementalHash _fileHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _blockHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<ConversionError> _errors = [];

    /// <summary>What conversion changed, known once the file is written.</summary>
    public IReadOnlyList<ConversionError> Errors => _errors;

    /// <summary>Writes the file.</summary>
    /// <param name="path">Its name; it must not exist.</param>
    /// <param name="cancellation">Looked at every few hundred thousand weights.</param>
    /// <returns>Its entry in the manifest.</returns>
    public PackageFile Write(string path, CancellationToken cancellation)
    {
        var name = Path.GetFileName(path);
        using var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            PreallocationSize = layout.FileBytes,
        });
        var file = new HashedFile(stream, _fileHash, bytes => meter.Add(bytes, name, ""));
        file.Write(layout.Header);
        var blocks = new List<PackageBlock>();
        foreach (var block in layout.Blocks)
        {
            WriteFillers(file, block.Offset);
            var inBlock = new HashedFile(stream, _fileHash, bytes => meter.Add(bytes, name, block.Name), _blockHash);
            WriteBlock(name, inBlock, block, cancellation);
            var hash = Convert.ToHexStringLower(_blockHash.GetHashAndReset());
            blocks.Add(new PackageBlock(block.Name, block.Offset, block.Size, hash, block.Tensors.Count(t => t.Source is not null)));
        }

        WriteFillers(file, layout.FileBytes);
        stream.Flush(flushToDisk: true);
        return new PackageFile(name, layout.FileBytes, Convert.ToHexStringLower(_fileHash.GetHashAndReset()), blocks);
    }

    /// <summary>Frees the hashes.</summary>
    public void Dispose()
    {
        _fileHash.Dispose();
        _blockHash.Dispose();
    }

    private void WriteBlock(string name, HashedFile file, PlacedBlock block, CancellationToken cancellation)
    {
        float[] scales = [];
        foreach (var tensor in block.Tensors)
        {
            WriteFillers(file, tensor.Offset);
            if (tensor.Source is not { } source) continue;
            if (tensor.Entry.Name != source.Name)
            {
                file.WriteFloats(scales);
                continue;
            }

            var encoded = encoder.Encode(source, tensor.Entry.Type, file.Write, cancellation);
            scales = encoded.Scales;
            if (tensor.Entry.Type != ElementType.F32) _errors.Add(new ConversionError(name, source.Name, encoded.RelativeL2));
        }
    }

    /// <summary>Zeros up to an offset.</summary>
    private static void WriteFillers(HashedFile file, long end)
    {
        Span<byte> zeros = stackalloc byte[PackageLayout.Alignment];
        zeros.Clear();
        while (file.Position < end) file.Write(zeros[..(int)Math.Min(zeros.Length, end - file.Position)]);
    }

    /// <summary>A file whose bytes are hashed and counted as they are written.</summary>
    private sealed class HashedFile(FileStream stream, IncrementalHash hash, Action<long> count, IncrementalHash? blockHash = null)
    {
        public long Position => stream.Position;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            stream.Write(bytes);
            hash.AppendData(bytes);
            blockHash?.AppendData(bytes);
            count(bytes.Length);
        }

        public void WriteFloats(float[] values)
        {
            FloatConversion.FromLittleEndian(values);
            Write(MemoryMarshal.AsBytes<float>(values));
        }
    }
}
