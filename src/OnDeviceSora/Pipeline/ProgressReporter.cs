using System.Diagnostics;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline;

/// <summary>Times the stages of one generation and reports its progress.</summary>
/// <param name="memory">The ledger whose bytes are reported.</param>
/// <param name="progress">Who listens, or <c>null</c>.</param>
internal sealed class ProgressReporter(MemoryLedger memory, IProgress<GenerationProgress>? progress)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<GenerationStage, TimeSpan> _timings = [];
    private GenerationStage _stage;
    private TimeSpan _stageStart;
    private int _total;

    /// <summary>Time each finished stage took.</summary>
    public IReadOnlyDictionary<GenerationStage, TimeSpan> Timings => _timings.ToDictionary();

    /// <summary>Begins a stage of <paramref name="total"/> units.</summary>
    public void Begin(GenerationStage stage, int total)
    {
        (_stage, _stageStart, _total) = (stage, _clock.Elapsed, Math.Max(1, total));
        Report(0);
    }

    /// <summary>Reports that so many units of the stage are done.</summary>
    public void Report(int completed, float? similarity = null, bool leapt = false)
    {
        var (now, elapsed) = (_clock.Elapsed, _clock.Elapsed - _stageStart);
        progress?.Report(new GenerationProgress
        {
            Stage = _stage,
            Completed = completed,
            Total = _total,
            Elapsed = now,
            Remaining = completed == 0 ? null : leapt ? TimeSpan.Zero : elapsed / completed * (_total - completed),
            MemoryBytes = memory.CurrentBytes,
            Similarity = similarity,
            Leapt = leapt,
        });
    }

    /// <summary>Ends the stage.</summary>
    public void End() => _timings[_stage] = _clock.Elapsed - _stageStart;
}
