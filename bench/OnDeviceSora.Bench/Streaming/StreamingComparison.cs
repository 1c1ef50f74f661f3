using System.Diagnostics;
using OnDeviceSora.Budget;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Bench.Streaming;

/// <summary>One piece of work in all four modes, reading slowed down to a given relation of load and computation.</summary>
/// <param name="engine">Where the work computes.</param>
/// <param name="report">Receives the results.</param>
internal sealed class StreamingComparison(ComputeEngine engine, StreamingReport report)
{
    /// <summary>Runs the modes.</summary>
    /// <param name="work">The work.</param>
    /// <param name="load">Time to load the blocks, as a multiple of the time to compute them.</param>
    public void Run(IStreamedWork work, double load)
    {
        var resident = MedianOf(Enumerable.Range(0, work.Runs).Select(_ => Measure(work, StreamingSettings.AllResident, warm: true)));
        report.Print(work.Name, "resident", resident);

        var rate = (long)(resident.LoadedBytes / (resident.ComputeSeconds / work.Passes * load));
        var settings = StreamingSettings.AllResident with { StorageBytesPerSecond = rate, ExpectedPasses = work.Passes };
        var budget = new MemoryBudget(BudgetForHalf(resident));
        (string Name, StreamingSettings Settings)[] modes =
        [
            ("sequential", settings with { Mode = StreamingMode.Sequential }),
            ("concurrent", settings with { Mode = StreamingMode.Concurrent }),
            ("concurrent+dynamic", settings with { Mode = StreamingMode.ConcurrentDynamic, Budget = budget }),
        ];
        var runs = Enumerable.Range(0, work.Runs).Select(_ => modes.Select(mode => Measure(work, mode.Settings)).ToList()).ToList();
        for (var i = 0; i < modes.Length; i++) report.Print(work.Name, modes[i].Name, MedianOf(runs.Select(run => run[i])));
    }

    private static StreamingResult MedianOf(IEnumerable<StreamingResult> runs)
    {
        var sorted = runs.OrderBy(run => run.Seconds).ToList();
        return sorted[sorted.Count / 2];
    }

    /// <summary>Room for the work, half of the blocks and the two buffers.</summary>
    private long BudgetForHalf(StreamingResult resident) =>
        ResidentMemory.CurrentBytes - engine.Memory.CurrentBytes + DynamicLoading.Reserve
            + resident.WorkingBytes + MemoryLedger.MostKeptBeside(resident.WorkingBytes) + resident.WeightBytes * 13 / 16;

    private StreamingResult Measure(IStreamedWork work, StreamingSettings settings, bool warm = false)
    {
        var timeline = new BlockTimeline();
        using var model = work.Open(settings with { Timeline = timeline });
        if (warm) work.RunPass(model);
        var warmUp = timeline.Now;
        PeakMemory.Reset(engine.Memory);
        var clock = Stopwatch.StartNew();
        for (var pass = 0; pass < work.Passes; pass++) work.RunPass(model);
        return new StreamingResult(clock.Elapsed.TotalSeconds, work.Passes, timeline, warmUp, PeakMemory.Bytes, engine.Memory);
    }
}
