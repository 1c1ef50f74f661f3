namespace OnDeviceSora.Tensors;

/// <summary>A 64-byte-aligned block of native memory, entered in a <see cref="MemoryLedger"/> until it is disposed.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private readonly MemoryLedger _ledger;
    private readonly MemoryOwner _owner;
    private nint _pointer;

    public NativeBuffer(MemoryLedger ledger, MemoryOwner owner, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _ledger = ledger;
        _owner = owner;
        Bytes = bytes;
        _pointer = (nint)ledger.Allocator.Allocate(bytes);
        ledger.Add(owner, bytes);
    }

    ~NativeBuffer() => Free();

    public long Bytes { get; }

    public void* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer == 0, this);
            return (void*)_pointer;
        }
    }

    /// <summary>The bytes; a block of more than 2^31 - 1 has no span.</summary>
    public Span<byte> Span => new(Pointer, checked((int)Bytes));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        // Exchanged, so that two threads that dispose at once free the block once.
        var pointer = Interlocked.Exchange(ref _pointer, 0);
        if (pointer == 0) return;
        _ledger.Allocator.Free((void*)pointer, Bytes);
        _ledger.Remove(_owner, Bytes);
    }
}
