using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnDeviceSora.Checkpoints;

/// <summary>
/// An open safetensors file: header read and checked, data read on demand with positioned reads (no memory map, so a file
/// that shrinks is an error and never a crash). Reading from several threads at once is safe.
/// </summary>
internal sealed class SafetensorsFile : IDisposable
{
    // Large enough for the disk, small enough to stay in the second-level cache while it is converted.
    private const int ChunkBytes = 256 * 1024;

    private readonly SafeFileHandle _handle;
    private readonly long _length;
    private readonly DateTime _written;
    private readonly Lazy<DirectFile> _direct;

    private SafetensorsFile(string path, SafeFileHandle handle, long length, DateTime written, SafetensorsHeader header) =>
        (Path, _handle, _length, _written, Tensors, Metadata, _direct) =
            (path, handle, length, written, header.Tensors, header.Metadata, new Lazy<DirectFile>(OpenDirect));

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The text entries of the file's metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidFileException">The file is missing, unreadable, damaged or of another format.</exception>
    public static SafetensorsFile Open(string path)
    {
        var handle = CheckpointFile.OpenForReading(path);
        try
        {
            var length = RandomAccess.GetLength(handle);
            var written = File.GetLastWriteTimeUtc(handle);
            return new SafetensorsFile(path, handle, length, written, ReadHeader(path, handle, length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            handle.Dispose();
            throw new InvalidFileException(path, $"cannot be read: {e.Message}", e);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor and converts its elements to single precision.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>; F32, F16, BF16 or F64.</param>
    /// <param name="destination">Exactly as many elements as the tensor has.</param>
    /// <exception cref="InvalidFileException">The file changed since it was opened, or the type is not a real number.</exception>
    public void ReadAsFloat32(TensorInfo tensor, Span<float> destination)
    {
        if (destination.Length != tensor.Elements)
            throw new ArgumentException($"tensor {tensor.Name} has {tensor.Elements} elements, the destination {destination.Length}", nameof(destination));
        ReadAsFloat32(tensor, 0, destination);
    }

    /// <summary>Reads a run of a tensor's elements and converts them to single precision.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>; F32, F16, BF16 or F64.</param>
    /// <param name="firstElement">Where the run begins, counted row-major.</param>
    /// <param name="destination">Receives the elements; must not reach beyond the tensor.</param>
    /// <exception cref="InvalidFileException">The file changed since it was opened, or the type is not a real number.</exception>
    public void ReadAsFloat32(TensorInfo tensor, long firstElement, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstElement);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstElement, tensor.Elements - destination.Length);
        RequireUnchanged();
        if (tensor.ElementType == ElementType.F32)
        {
            ReadInPieces(tensor, firstElement * 4, destination);
            FloatConversion.FromLittleEndian(destination);
            return;
        }

        if (!FloatConversion.Supports(tensor.ElementType))
        {
            throw new InvalidFileException(Path,
                $"tensor {Describe.Quote(tensor.Name)} is {tensor.ElementType.Name()}; weights must be F32, F16, BF16 or F64");
        }

        var size = tensor.ElementType.Bits() / 8;
        var chunk = ArrayPool<byte>.Shared.Rent((int)Math.Min(ChunkBytes, (long)destination.Length * size));
        try
        {
            for (var done = 0; done < destination.Length;)
            {
                var count = Math.Min(chunk.Length / size, destination.Length - done);
                var bytes = chunk.AsSpan(0, count * size);
                ReadExactly(tensor, (firstElement + done) * size, bytes);
                FloatConversion.ToSingle(tensor.ElementType, bytes, destination.Slice(done, count));
                done += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    // A span of bytes ends at 2 GB, a span of floats at 8.
    private void ReadInPieces(TensorInfo tensor, long offset, Span<float> destination)
    {
        const int most = 1 << 28;
        for (var done = 0; done < destination.Length; done += most)
        {
            var piece = destination.Slice(done, Math.Min(most, destination.Length - done));
            ReadExactly(tensor, offset + (4L * done), MemoryMarshal.AsBytes(piece));
        }
    }

    /// <summary>Reads part of a tensor as it is stored.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="offset">The first byte, counted from the tensor's start.</param>
    /// <param name="destination">Receives the bytes; must not reach beyond the tensor.</param>
    /// <exception cref="InvalidFileException">The file changed since it was opened.</exception>
    public void ReadBytes(TensorInfo tensor, long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, tensor.ByteLength - destination.Length);
        RequireUnchanged();
        ReadExactly(tensor, offset, destination);
    }

    /// <summary>Reads a stretch of the file past the page cache; see <see cref="DirectFile.Read"/> for what must be aligned.</summary>
    /// <returns>Bytes read: fewer than asked for where the file ends.</returns>
    /// <exception cref="InvalidFileException">The file changed since it was opened, or the storage failed.</exception>
    public int ReadDirect(long offset, Span<byte> destination)
    {
        RequireUnchanged();
        try
        {
            return _direct.Value.Read(destination, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidFileException(Path, $"cannot be read at byte {offset}: {e.Message}", e);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        if (_direct.IsValueCreated) _direct.Value.Dispose();
    }

    private DirectFile OpenDirect()
    {
        var direct = DirectFile.Open(Path);
        if (direct.IsLike(_handle)) return direct;
        direct.Dispose();
        throw new InvalidFileException(Path, "another file has taken its place since it was opened; open the model again");
    }

    private static SafetensorsHeader ReadHeader(string path, SafeFileHandle handle, long length)
    {
        var start = new byte[ForeignFormat.BytesNeeded];
        var startBytes = start.AsSpan(0, CheckpointFile.Read(handle, start, 0));
        try
        {
            var prefix = startBytes[..Math.Min(SafetensorsHeader.PrefixLength, startBytes.Length)];
            var header = new byte[SafetensorsHeader.ParseLength(path, prefix, length)];
            if (CheckpointFile.Read(handle, header, SafetensorsHeader.PrefixLength) != header.Length)
                throw new InvalidFileException(path, "the file became shorter while it was being opened");
            return SafetensorsHeader.Parse(path, header, length);
        }
        catch (InvalidFileException) when (ForeignFormat.Recognise(start) is { } what)
        {
            // Asked only now: the first bytes of a sound file can, by chance, look like another format's.
            throw new InvalidFileException(path, what);
        }
    }

    private void ReadExactly(TensorInfo tensor, long offset, Span<byte> destination)
    {
        int read;
        try
        {
            read = CheckpointFile.Read(_handle, destination, tensor.Offset + offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidFileException(Path, $"tensor {Describe.Quote(tensor.Name)} cannot be read: {e.Message}", e);
        }

        if (read != destination.Length)
        {
            throw new InvalidFileException(Path,
                $"the file ended inside tensor {Describe.Quote(tensor.Name)}; it was truncated while it was open");
        }
    }

    private void RequireUnchanged()
    {
        var length = RandomAccess.GetLength(_handle);
        if (length != _length)
            throw new InvalidFileException(Path, $"the file had {_length} bytes when it was opened and has {length} now; it was changed while it was open");
        if (File.GetLastWriteTimeUtc(_handle) != _written)
            throw new InvalidFileException(Path, "the file was written to while it was open; open the model again");
    }
}
