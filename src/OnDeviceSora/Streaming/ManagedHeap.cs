namespace OnDeviceSora.Streaming;

/// <summary>
/// Keeps short-lived objects from filling the memory that a budget leaves for them: on a processor with large caches the
/// runtime would let tens or hundreds of megabytes of them gather before it looks.
/// </summary>
internal sealed class ManagedHeap
{
    /// <summary>Bytes of new objects after which they are collected.</summary>
    internal const long MostNewBytes = 4L << 20;

    private long _collectedAt = GC.GetTotalAllocatedBytes();

    /// <summary>Collects the youngest generation if enough was allocated since the last time. Takes about a millisecond then, next to nothing otherwise.</summary>
    public void KeepSmall()
    {
        if (GC.GetTotalAllocatedBytes() - _collectedAt < MostNewBytes) return;
        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        _collectedAt = GC.GetTotalAllocatedBytes();
    }
}
