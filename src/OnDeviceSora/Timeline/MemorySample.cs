namespace OnDeviceSora.Timeline;

/// <summary>The process's memory at one moment.</summary>
/// <param name="At">When, from the timeline's start.</param>
/// <param name="ResidentBytes">What the operating system counts as the process's resident memory.</param>
/// <param name="BudgetBytes">The budget at that moment.</param>
public sealed record MemorySample(TimeSpan At, long ResidentBytes, long BudgetBytes);
