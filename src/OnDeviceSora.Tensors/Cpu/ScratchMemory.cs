namespace OnDeviceSora.Tensors.Cpu;

/// <summary>One growing buffer for each thread of a team, kept between operations so that none of them allocates in a loop.</summary>
internal sealed unsafe class ScratchMemory(MemoryLedger ledger, int threads) : IDisposable
{
    private readonly NativeBuffer?[] _buffers = new NativeBuffer?[threads];

    /// <summary>At least <paramref name="count"/> floats for the thread alone, valid until it asks again. Contents are undefined.</summary>
    public float* Take(int thread, long count)
    {
        var bytes = checked(count * sizeof(float));
        if (_buffers[thread] is not { } buffer || buffer.Bytes < bytes)
        {
            _buffers[thread]?.Dispose();
            _buffers[thread] = buffer = new NativeBuffer(ledger, MemoryOwner.Scratch, bytes);
        }
        return (float*)buffer.Pointer;
    }

    /// <summary>Frees all buffers; the next <see cref="Take"/> starts anew.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _buffers.Length; i++)
        {
            _buffers[i]?.Dispose();
            _buffers[i] = null;
        }
    }
}
