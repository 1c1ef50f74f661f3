namespace OnDeviceSora.Tensors;

/// <summary>Counts every native byte that tensors hold, by owner, with the peak. Safe for use from several threads.</summary>
public sealed class MemoryLedger
{
    private readonly long[] _byOwner = new long[Enum.GetValues<MemoryOwner>().Length];
    private long _current;
    private long _peak;
    private long _workingPeak;
    private long _reusable;

    /// <summary>Where the memory comes from.</summary>
    internal NativeAllocator Allocator { get; init; } = NativeAllocator.Aligned;

    /// <summary>Bytes held now.</summary>
    public long CurrentBytes => Volatile.Read(ref _current);

    /// <summary>Most bytes held at one moment since creation or <see cref="ResetPeak"/>.</summary>
    public long PeakBytes => Volatile.Read(ref _peak);

    /// <summary>Most bytes that tensors other than weights held at one moment since creation or <see cref="ResetWorkingPeak"/>.</summary>
    public long PeakWorkingBytes => Volatile.Read(ref _workingPeak);

    /// <summary>Bytes held now for one purpose.</summary>
    public long BytesOf(MemoryOwner owner) => Volatile.Read(ref _byOwner[(int)owner]);

    /// <summary>
    /// Bytes that no tensor holds any more and that are kept for the next ones: at most <see cref="MostKeptBytes"/> or, within a plan,
    /// what <see cref="ReuseWithin"/> says, of all engines of the process together. They are resident, and not part of
    /// <see cref="CurrentBytes"/>.
    /// </summary>
    public long KeptBytes => Allocator.KeptBytes;

    /// <summary>The most that <see cref="KeptBytes"/> can be where nothing is planned: 32 MiB.</summary>
    public const long MostKeptBytes = 32 << 20;

    /// <summary>
    /// Lets tensors and kept bytes fill a plan together: what one lets go, the next takes without new pages, and their sum stays
    /// below the plan's peak.
    /// </summary>
    /// <param name="workingBytes">What tensors other than weights are planned to take, with what is kept beside them; 0 for no plan.</param>
    public void ReuseWithin(long workingBytes)
    {
        Volatile.Write(ref _reusable, workingBytes);
        Allocator.KeepAtMost(MostKeptNow);
    }

    /// <summary>What <see cref="KeptBytes"/> is expected to be at most when tensors come and go within so many bytes.</summary>
    /// <param name="workingBytes">Tensors other than weights at their peak.</param>
    public static long MostKeptBeside(long workingBytes) => Math.Min(MostKeptBytes, 2 * workingBytes);

    /// <summary>Gives the <see cref="KeptBytes"/> back to the system.</summary>
    public void Trim() => Allocator.KeepAtMost(0);

    /// <summary>Forgets the peak: it restarts at what is held now.</summary>
    public void ResetPeak()
    {
        // Read after the peak is forgotten: what another thread adds meanwhile is then counted by one of the two.
        Interlocked.Exchange(ref _peak, 0);
        Raise(ref _peak, CurrentBytes);
    }

    /// <summary>Forgets the peak of tensors other than weights: it restarts at what they hold now.</summary>
    public void ResetWorkingPeak()
    {
        Interlocked.Exchange(ref _workingPeak, 0);
        Raise(ref _workingPeak, WorkingBytes);
    }

    internal void Add(MemoryOwner owner, long bytes)
    {
        Interlocked.Add(ref _byOwner[(int)owner], bytes);
        Raise(ref _peak, Interlocked.Add(ref _current, bytes));
        if (owner != MemoryOwner.Weights) Raise(ref _workingPeak, WorkingBytes);
        Allocator.KeepAtMost(MostKeptNow);
    }

    internal void Remove(MemoryOwner owner, long bytes)
    {
        Interlocked.Add(ref _byOwner[(int)owner], -bytes);
        Interlocked.Add(ref _current, -bytes);
        Allocator.KeepAtMost(MostKeptNow);
    }

    private long MostKeptNow => Math.Max(MostKeptBytes, Volatile.Read(ref _reusable) - WorkingBytes);

    private long WorkingBytes => BytesOf(MemoryOwner.Activations) + BytesOf(MemoryOwner.Scratch);

    private static void Raise(ref long peak, long now)
    {
        for (var seen = Volatile.Read(ref peak); now > seen; seen = Volatile.Read(ref peak))
        {
            if (Interlocked.CompareExchange(ref peak, now, seen) == seen) return;
        }
    }
}
