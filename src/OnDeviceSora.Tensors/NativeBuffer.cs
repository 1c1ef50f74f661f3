using System.Runtime.InteropServices;

namespace OnDeviceSora.Tensors;

/// <summary>A 64-byte-aligned block of native memory, entered in a <see cref="MemoryLedger"/> until it is disposed.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const nuint Alignment = 64;
    private readonly MemoryLedger _ledger;
    private readonly MemoryOwner _owner;
    private void* _pointer;

    public NativeBuffer(MemoryLedger ledger, MemoryOwner owner, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _ledger = ledger;
        _owner = owner;
        Bytes = bytes;
        // A size of 0 still gets an address, so that empty tensors need no special case.
        _pointer = NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment);
        ledger.Add(owner, bytes);
    }

    ~NativeBuffer() => Free();

    public long Bytes { get; }

    public void* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pointer is null) return;
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        _ledger.Remove(_owner, Bytes);
    }
}
