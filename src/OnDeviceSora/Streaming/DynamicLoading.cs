using OnDeviceSora.Budget;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Streaming;

/// <summary>
/// Dynamic Loading (paper, section 6.2): what is left of the budget when a block has the memory it needs to compute is filled
/// with blocks that stay. The need is measured at every block, so that the choice follows the run and a budget that changes.
/// </summary>
internal sealed class DynamicLoading
{
    /// <summary>Kept free for what comes later and no tensor holds: code being compiled, the managed heap, other threads' stacks.</summary>
    internal const long Reserve = 20L << 20;

    private readonly MemoryLedger _memory;
    private readonly MemoryBudget _budget;
    private readonly long _plannedWorkingBytes;
    private readonly Func<long> _residentBytes;
    private readonly Func<long> _keptBytes;
    private long _outside;

    /// <summary>Begins to measure.</summary>
    /// <param name="memory">Counts the tensors.</param>
    /// <param name="budget">Resident memory that the process may take.</param>
    /// <param name="plannedWorkingBytes">Tensors other than weights, at their peak, as planned, and what is kept of them when they are freed.</param>
    /// <param name="residentBytes">Asks how many bytes of memory the process holds.</param>
    /// <param name="keptBytes">Asks how many of them are freed blocks that are kept for the next tensors.</param>
    public DynamicLoading(MemoryLedger memory, MemoryBudget budget, long plannedWorkingBytes, Func<long> residentBytes, Func<long> keptBytes)
    {
        (_memory, _budget, _plannedWorkingBytes, _residentBytes, _keptBytes) = (memory, budget, plannedWorkingBytes, residentBytes, keptBytes);
        memory.ResetWorkingPeak();
        Measure();
    }

    /// <summary>Bytes that the process is expected to reach while the next block computes.</summary>
    private long Need => _outside + Reserve + _memory.BytesOf(MemoryOwner.Weights) + Math.Max(_plannedWorkingBytes, _memory.PeakWorkingBytes + MemoryLedger.MostKeptBeside(_memory.PeakWorkingBytes));

    /// <summary>Looks at what the process takes; called between two blocks.</summary>
    /// <returns>Resident bytes.</returns>
    public long Measure()
    {
        var resident = _residentBytes();
        _outside = Math.Max(_outside, resident - _memory.CurrentBytes - _keptBytes());
        return resident;
    }

    /// <summary>Whether so many more bytes of weights fit.</summary>
    public bool HasRoomFor(long bytes) => Need + bytes <= _budget.Bytes;
}
