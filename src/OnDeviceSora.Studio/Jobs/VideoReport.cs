using OnDeviceSora.Timeline;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>How a generation went: <c>report.json</c>, and the answer to <c>GET /videos/{id}/report</c>.</summary>
/// <param name="Steps">Every report of progress.</param>
/// <param name="Memory">Memory over the time since the server last began or continued the video.</param>
/// <param name="Seconds">Time by stage, and <c>total</c>.</param>
internal sealed record VideoReport(IReadOnlyList<StepReport> Steps, IReadOnlyList<MemoryPoint> Memory, IReadOnlyDictionary<string, double> Seconds)
{
    private const int MostPoints = 400;

    public static VideoReport Of(IReadOnlyList<StepReport> steps, IReadOnlyList<MemorySample> samples, IReadOnlyDictionary<GenerationStage, TimeSpan> timings)
    {
        var seconds = timings.OrderBy(time => time.Key).ToDictionary(time => Stages.NameOf(time.Key), time => Math.Round(time.Value.TotalSeconds, 3));
        if (seconds.Count > 0) seconds["total"] = Math.Round(timings.Values.Sum(time => time.TotalSeconds), 3);
        return new VideoReport(steps, Thinned(samples), seconds);
    }

    /// <summary>Of each run of neighbours the largest: peaks are what one looks for.</summary>
    private static MemoryPoint[] Thinned(IReadOnlyList<MemorySample> samples) =>
        [.. samples.Chunk(Math.Max(1, (samples.Count + MostPoints - 1) / MostPoints)).Select(run => MemoryPoint.Of(run.MaxBy(sample => sample.ResidentBytes)!))];
}

/// <summary>The server's memory at one moment.</summary>
/// <param name="AtS">Seconds since the server began or continued the video.</param>
/// <param name="ResidentMb">Resident memory in MB (1e6 bytes).</param>
/// <param name="BudgetMb">The budget in MB.</param>
internal sealed record MemoryPoint(double AtS, double ResidentMb, double BudgetMb)
{
    public static MemoryPoint Of(MemorySample sample) => new(Math.Round(sample.At.TotalSeconds, 3), Math.Round(sample.ResidentBytes / 1e6, 1), Math.Round(sample.BudgetBytes / 1e6, 1));
}
