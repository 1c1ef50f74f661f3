using OnDeviceSora.Budget;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Streaming;

/// <summary>How one model's blocks come into memory.</summary>
internal sealed record StreamingSettings
{
    /// <summary>Everything stays in memory, nothing is recorded.</summary>
    public static StreamingSettings AllResident { get; } = new() { Mode = StreamingMode.Resident };

    /// <summary>When blocks are loaded and which of them stay.</summary>
    public StreamingMode Mode { get; init; } = StreamingMode.ConcurrentDynamic;

    /// <summary>What <see cref="StreamingMode.ConcurrentDynamic"/> may fill; <c>null</c> for no limit.</summary>
    public MemoryBudget? Budget { get; init; }

    /// <summary>Where loads and computations are recorded; <c>null</c> for nowhere.</summary>
    public BlockTimeline? Timeline { get; init; }

    /// <summary>Bytes that the plan expects tensors other than weights to take at their peak; measuring may show more.</summary>
    public long PlannedWorkingBytes { get; init; }

    /// <summary>How many passes over the blocks are expected. Blocks that are used once do not stay.</summary>
    public int ExpectedPasses { get; init; } = int.MaxValue;

    /// <summary>Asks how many bytes of memory the process holds; the operating system's answer, but in tests.</summary>
    public Func<long> ResidentBytes { get; init; } = () => ResidentMemory.CurrentBytes;

    /// <summary>Asks how many of these are freed blocks that are kept for the next tensors; <c>null</c> for the ledger's answer.</summary>
    public Func<long>? KeptBytes { get; init; }

    /// <summary>Reads no more than so many bytes a second; <c>null</c> for as fast as the storage gives them.</summary>
    public long? StorageBytesPerSecond { get; init; }
}
