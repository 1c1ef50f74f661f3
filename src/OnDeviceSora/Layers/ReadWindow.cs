using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>A stretch of a file in memory that the storage can write to directly. In front of it is room for the rest of the stretch before.</summary>
internal sealed unsafe class ReadWindow : IDisposable
{
    private const int Alignment = DirectFile.Alignment;

    private readonly ComputeEngine _engine;
    private readonly int _headroom;
    private Tensor _memory;
    private string? _file;
    private long _dataStart;
    private long _start;

    /// <summary>Allocates the memory.</summary>
    /// <param name="engine">Whose memory it is.</param>
    /// <param name="headroom">Bytes in front, a multiple of the alignment.</param>
    /// <param name="bytes">Bytes that one read brings, a multiple of the alignment.</param>
    public ReadWindow(ComputeEngine engine, int headroom, int bytes)
    {
        _engine = engine;
        _headroom = headroom;
        _memory = Allocate(bytes);
    }

    /// <summary>The first byte behind the stretch, from the start of the file.</summary>
    public long End { get; private set; }

    private byte* Data => (byte*)AlignUp((long)_memory.Pointer) + _headroom;

    /// <summary>The next multiple of the alignment.</summary>
    public static long AlignUp(long value) => (value + Alignment - 1) & -Alignment;

    /// <summary>Whether it has all of a range of a file.</summary>
    public bool Holds(string file, long start, long end) => file == _file && start >= _start && end <= End;

    /// <summary>Its byte at a position of the file.</summary>
    public byte* At(long position) => Data + (position - _dataStart);

    /// <summary>Forgets what it holds and reads a stretch.</summary>
    /// <param name="checkpoint">The checkpoint that has the file.</param>
    /// <param name="tensor">A tensor of the file.</param>
    /// <param name="from">Where to begin, aligned.</param>
    /// <param name="bytes">How much.</param>
    /// <returns>Bytes read: fewer where the file ends.</returns>
    public int Read(Checkpoint checkpoint, TensorInfo tensor, long from, long bytes)
    {
        _file = null;
        Grow(bytes);
        var read = checkpoint.ReadDirect(tensor, from, new Span<byte>(Data, checked((int)AlignUp(bytes))));
        (_file, _dataStart, _start, End) = (tensor.File, from, from, from + read);
        return read;
    }

    /// <summary>Puts the rest of the stretch before in front, so that both are one.</summary>
    /// <param name="before">The window that ends where this one begins.</param>
    /// <param name="start">The first byte that is wanted.</param>
    /// <returns>Whether it is so and there is room.</returns>
    public bool TryJoin(ReadWindow before, long start)
    {
        var rest = before.End - start;
        if (_file is null || _file != before._file || before.End != _dataStart || start < before._start || rest <= 0 || rest > _headroom) return false;
        Buffer.MemoryCopy(before.At(start), Data - rest, rest, rest);
        _start = start;
        return true;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>A single row may be longer than a window.</summary>
    private void Grow(long bytes)
    {
        if (_headroom + AlignUp(bytes) + Alignment <= _memory.Length * sizeof(float)) return;
        _memory.Dispose();
        _memory = Allocate(bytes);
    }

    private Tensor Allocate(long bytes) =>
        _engine.AllocateFor(MemoryOwner.Weights, checked((int)((_headroom + AlignUp(bytes) + Alignment) / sizeof(float))));
}
