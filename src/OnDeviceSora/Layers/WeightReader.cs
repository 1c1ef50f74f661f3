using System.Diagnostics;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>
/// Reads weights as they are stored, past the page cache, through one window of memory. What is asked for in the order in
/// which it lies is read once, several megabytes at a time. Serves one thread at a time.
/// </summary>
internal sealed unsafe class WeightReader : IDisposable
{
    /// <summary>Bytes that one read of the storage brings.</summary>
    public const int WindowBytes = 4 << 20;

    private readonly ComputeEngine _engine;
    private readonly Checkpoint _checkpoint;
    private readonly StorageThrottle? _throttle;
    private Tensor _memory;
    private IReadOnlyList<(string File, long Start, long End)> _ranges = [];
    private string? _block;
    private string? _file;
    private long _windowStart;
    private long _windowEnd;
    private CancellationToken _cancellation;

    /// <summary>Prepares to read.</summary>
    /// <param name="engine">Whose memory the window is.</param>
    /// <param name="checkpoint">Where the weights are.</param>
    /// <param name="bytesPerSecond">Reads no faster than this; <c>null</c> for as fast as the storage gives.</param>
    public WeightReader(ComputeEngine engine, Checkpoint checkpoint, long? bytesPerSecond = null)
    {
        _engine = engine;
        _checkpoint = checkpoint;
        _throttle = bytesPerSecond is { } rate ? new StorageThrottle(rate) : null;
        _memory = AllocateWindow(WindowBytes);
    }

    /// <summary>Where the weights are.</summary>
    public Checkpoint Checkpoint => _checkpoint;

    /// <summary>Begins a block: reads may then run ahead, through the block's tensors that follow.</summary>
    /// <param name="block">Its name, for messages.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="cancellation">Ends reads until the next block begins.</param>
    public void Begin(string block, IEnumerable<TensorInfo> tensors, CancellationToken cancellation)
    {
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
        if (tensor.File != _file || start < _windowStart || start + count > _windowEnd) Fill(tensor, start, count);
        return new ReadOnlySpan<byte>(Window + (start - _windowStart), count);
    }

    /// <summary>Frees the window.</summary>
    public void Dispose() => _memory.Dispose();

    private byte* Window => (byte*)AlignUp((long)_memory.Pointer);

    private static long AlignUp(long value) => (value + DirectFile.Alignment - 1) & -DirectFile.Alignment;

    private Tensor AllocateWindow(long bytes) =>
        _engine.AllocateFor(MemoryOwner.Weights, (int)((AlignUp(bytes) + 2L * DirectFile.Alignment) / sizeof(float)));

    private void Fill(TensorInfo tensor, long start, int count)
    {
        _cancellation.ThrowIfCancellationRequested();
        var from = start & -DirectFile.Alignment;
        Grow(start + count - from);
        var last = Math.Max(start + count, Math.Min(RangeEnd(tensor, start), from + WindowBytes));
        _file = null;
        var clock = Stopwatch.GetTimestamp();
        var read = ReadDirect(tensor, from, (int)(AlignUp(last) - from));
        if (from + read < start + count) throw Problem(tensor, $"the file ended inside tensor {Describe.Quote(tensor.Name)}");
        (_file, _windowStart, _windowEnd) = (tensor.File, from, from + read);
        _throttle?.Await(clock, read, _cancellation);
    }

    /// <summary>A single row may be longer than the window.</summary>
    private void Grow(long bytes)
    {
        if (AlignUp(bytes) + 2L * DirectFile.Alignment <= _memory.Length * sizeof(float)) return;
        _memory.Dispose();
        _memory = AllocateWindow(bytes);
    }

    private int ReadDirect(TensorInfo tensor, long from, int bytes)
    {
        try
        {
            return _checkpoint.ReadDirect(tensor, from, new Span<byte>(Window, bytes));
        }
        catch (InvalidFileException e) when (_block is not null)
        {
            throw Problem(tensor, e.Message[(tensor.File.Length + 2)..], e);
        }
    }

    private InvalidFileException Problem(TensorInfo tensor, string problem, Exception? cause = null) =>
        new(tensor.File, _block is null ? problem : $"block {_block}: {problem}", cause);

    private long RangeEnd(TensorInfo tensor, long start)
    {
        foreach (var range in _ranges)
        {
            if (range.File == tensor.File && start >= range.Start && start < range.End) return range.End;
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
