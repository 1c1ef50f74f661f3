using System.Diagnostics;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>
/// Reads weights as they are stored, past the page cache, through two windows of memory: while the caller packs what is in one, the
/// storage fills the other. What is asked for in the order in which it lies is read once. Serves one thread at a time.
/// </summary>
internal sealed unsafe class WeightReader : IDisposable
{
    /// <summary>Bytes that one read of the storage brings.</summary>
    public const int WindowBytes = 4 << 20;

    /// <summary>The longest piece that is joined out of two reads; longer ones are read again.</summary>
    public const int LongestPiece = WindowBytes / 2;

    /// <summary>Memory that a reader holds.</summary>
    public const long MemoryBytes = 2L * (WindowBytes + LongestPiece + DirectFile.Alignment);

    private readonly Checkpoint _checkpoint;
    private readonly StorageThrottle? _throttle;
    private ReadWindow _current;
    private ReadWindow _ahead;
    private Task _readingAhead = Task.CompletedTask;
    private IReadOnlyList<(string File, long Start, long End)> _ranges = [];
    private string? _block;
    private CancellationToken _cancellation;

    /// <summary>Prepares to read.</summary>
    /// <param name="engine">Whose memory the windows are.</param>
    /// <param name="checkpoint">Where the weights are.</param>
    /// <param name="bytesPerSecond">Reads no faster than this; <c>null</c> for as fast as the storage gives.</param>
    public WeightReader(ComputeEngine engine, Checkpoint checkpoint, long? bytesPerSecond = null)
    {
        _checkpoint = checkpoint;
        _throttle = bytesPerSecond is { } rate ? new StorageThrottle(rate) : null;
        (_current, _ahead) = (new ReadWindow(engine, LongestPiece, WindowBytes), new ReadWindow(engine, LongestPiece, WindowBytes));
    }

    /// <summary>Where the weights are.</summary>
    public Checkpoint Checkpoint => _checkpoint;

    /// <summary>Begins a block: reads may then run ahead, through the block's tensors that follow.</summary>
    /// <param name="block">Its name, for messages.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="cancellation">Ends reads until the next block begins.</param>
    public void Begin(string block, IEnumerable<TensorInfo> tensors, CancellationToken cancellation)
    {
        AwaitReadAhead();
        _block = block;
        _ranges = Ranges(tensors);
        _cancellation = cancellation;
        _throttle?.Begin();
    }

    /// <summary>Part of a tensor, as it is stored. Valid until the next call.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="offset">First byte, from the tensor's start.</param>
    /// <param name="count">Bytes.</param>
    /// <exception cref="InvalidFileException">The file cannot be read or has changed; the message names the block.</exception>
    public ReadOnlySpan<byte> Read(TensorInfo tensor, long offset, int count)
    {
        var start = tensor.Offset + offset;
        if (!_current.Holds(tensor.File, start, start + count)) Advance(tensor, start, start + count);
        return new ReadOnlySpan<byte>(_current.At(start), count);
    }

    /// <summary>Frees the windows, once a running read has ended.</summary>
    public void Dispose()
    {
        AwaitReadAhead();
        _current.Dispose();
        _ahead.Dispose();
    }

    private void Advance(TensorInfo tensor, long start, long end)
    {
        _cancellation.ThrowIfCancellationRequested();
        AwaitReadAhead();
        _ahead.TryJoin(_current, start);
        if (_ahead.Holds(tensor.File, start, end)) (_current, _ahead) = (_ahead, _current);
        else ReadNow(tensor, start, end);
        ReadAhead(tensor);
    }

    private void ReadNow(TensorInfo tensor, long start, long end)
    {
        var from = start & -DirectFile.Alignment;
        try
        {
            ReadInto(_current, tensor, from, Math.Max(end, Math.Min(RangeEnd(tensor, start), from + WindowBytes)) - from, _cancellation);
        }
        catch (InvalidFileException e) when (_block is not null)
        {
            throw Problem(tensor, e.Message[(tensor.File.Length + 2)..], e);
        }
        if (_current.End < end) throw Problem(tensor, $"the file ended inside tensor {Describe.Quote(tensor.Name)}");
    }

    /// <summary>Waits whatever becomes of it: a read that failed left nothing, and fails again, with its error, if it is needed.</summary>
    private void AwaitReadAhead() => Task.WaitAny([_readingAhead], CancellationToken.None);

    private void ReadAhead(TensorInfo tensor)
    {
        var (from, window, cancellation) = (_current.End, _ahead, _cancellation);
        var end = Math.Min(RangeEnd(tensor, from - 1), from + WindowBytes);
        if (from % DirectFile.Alignment == 0 && from < end) _readingAhead = Task.Run(() => ReadInto(window, tensor, from, end - from, cancellation), cancellation);
    }

    private void ReadInto(ReadWindow window, TensorInfo tensor, long from, long bytes, CancellationToken cancellation)
    {
        var clock = Stopwatch.GetTimestamp();
        var read = window.Read(_checkpoint, tensor, from, bytes);
        _throttle?.Await(clock, read, cancellation);
    }

    private InvalidFileException Problem(TensorInfo tensor, string problem, Exception? cause = null) =>
        new(tensor.File, _block is null ? problem : $"block {_block}: {problem}", cause);

    private long RangeEnd(TensorInfo tensor, long position)
    {
        foreach (var range in _ranges)
        {
            if (range.File == tensor.File && position >= range.Start && position < range.End) return range.End;
        }
        return tensor.Offset + tensor.ByteLength;
    }

    /// <summary>Tensors that lie side by side, or nearly so, are one stretch of the file.</summary>
    private static List<(string File, long Start, long End)> Ranges(IEnumerable<TensorInfo> tensors)
    {
        var ranges = new List<(string File, long Start, long End)>();
        foreach (var tensor in tensors.OrderBy(t => t.File, StringComparer.Ordinal).ThenBy(t => t.Offset))
        {
            var end = tensor.Offset + tensor.ByteLength;
            if (ranges.Count > 0 && ranges[^1] is var last && last.File == tensor.File && tensor.Offset - last.End < DirectFile.Alignment) ranges[^1] = last with { End = end };
            else ranges.Add((tensor.File, tensor.Offset, end));
        }
        return ranges;
    }
}
