using OnDeviceSora.Budget;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Streaming;

/// <summary>Writes one model's loads and computations to a timeline, if there is one.</summary>
/// <param name="model">The model's name.</param>
/// <param name="timeline">Where to write.</param>
internal readonly struct BlockRecorder(string model, BlockTimeline? timeline)
{
    /// <summary>Time on the timeline.</summary>
    public TimeSpan Now => timeline?.Now ?? default;

    /// <summary>A load that began at <paramref name="start"/> has ended.</summary>
    public void Loaded(string block, int pass, TimeSpan start, long bytes, bool stays) =>
        timeline?.Add(new BlockInterval(BlockActivity.Load, model, block, pass, start, timeline.Now, bytes, stays));

    /// <summary>A computation that began at <paramref name="start"/> has ended.</summary>
    public void Computed(string block, int pass, TimeSpan start, bool stays) =>
        timeline?.Add(new BlockInterval(BlockActivity.Compute, model, block, pass, start, timeline.Now, 0, stays));

    /// <summary>Resident memory between two blocks, measured now if anyone looks.</summary>
    public void Sample(MemoryBudget? budget)
    {
        if (timeline is not null) timeline.Add(new MemorySample(timeline.Now, ResidentMemory.CurrentBytes, budget?.Bytes ?? 0));
    }

    /// <summary>Resident memory between two blocks, as it was measured.</summary>
    public void Sample(long residentBytes, MemoryBudget budget) => timeline?.Add(new MemorySample(timeline.Now, residentBytes, budget.Bytes));
}
