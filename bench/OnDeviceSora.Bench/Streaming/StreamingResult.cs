using OnDeviceSora.Tensors;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Bench.Streaming;

/// <summary>What one mode took.</summary>
internal sealed class StreamingResult
{
    public StreamingResult(double seconds, int passes, BlockTimeline timeline, TimeSpan warmUp, long peakBytes, MemoryLedger ledger)
    {
        Seconds = seconds;
        Passes = passes;
        Timeline = timeline;
        PeakBytes = peakBytes;
        WorkingBytes = ledger.PeakWorkingBytes;
        WeightBytes = ledger.BytesOf(MemoryOwner.Weights);
        var loads = timeline.Intervals.Where(i => i.Activity == BlockActivity.Load).ToList();
        Loads = loads.Count;
        var computations = timeline.Intervals.Where(i => i.Activity == BlockActivity.Compute).ToLookup(i => i.Block);
        Blocks = computations.Count;
        Staying = computations.Count(block => block.Last().Resident);
        LoadSeconds = loads.Sum(i => (i.End - i.Start).TotalSeconds);
        LoadedBytes = loads.Sum(i => i.Bytes);
        ComputeSeconds = timeline.Intervals.Where(i => i.Activity == BlockActivity.Compute && i.Start >= warmUp).Sum(i => (i.End - i.Start).TotalSeconds);
    }

    /// <summary>From the first block asked for to the last one done.</summary>
    public double Seconds { get; }

    /// <summary>Passes over the blocks.</summary>
    public int Passes { get; }

    /// <summary>Blocks of the model.</summary>
    public int Blocks { get; }

    /// <summary>Blocks that stayed in memory, in the end.</summary>
    public int Staying { get; }

    /// <summary>Blocks loaded.</summary>
    public int Loads { get; }

    /// <summary>Loads there should be: every block in every pass, but those that stay once (paper, equation 11).</summary>
    public int ExpectedLoads => Blocks * Passes - Staying * (Passes - 1);

    /// <summary>Time that loads took, whether or not anything computed meanwhile.</summary>
    public double LoadSeconds { get; }

    /// <summary>Bytes read.</summary>
    public long LoadedBytes { get; }

    /// <summary>Time that blocks computed.</summary>
    public double ComputeSeconds { get; }

    /// <summary>The process's peak resident memory.</summary>
    public long PeakBytes { get; }

    /// <summary>Tensors other than weights, at their peak.</summary>
    public long WorkingBytes { get; }

    /// <summary>Weights at the end.</summary>
    public long WeightBytes { get; }

    /// <summary>When every block was loaded and computed.</summary>
    public BlockTimeline Timeline { get; }
}
