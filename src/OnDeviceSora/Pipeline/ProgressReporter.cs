using System.Diagnostics;
using OnDeviceSora.Media;
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

    /// <summary>Time the present stage has taken so far.</summary>
    public TimeSpan StageTime => _clock.Elapsed - _stageStart;

    /// <summary>Begins a stage of <paramref name="total"/> units, or goes on with one that was interrupted.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="total">Its units.</param>
    /// <param name="completed">Units that an earlier process did.</param>
    /// <param name="spent">The time it took for them.</param>
    public void Begin(GenerationStage stage, int total, int completed = 0, TimeSpan spent = default)
    {
        (_stage, _stageStart, _total) = (stage, _clock.Elapsed - spent, Math.Max(1, total));
        Report(completed);
    }

    /// <summary>Takes over the time of a stage that an earlier process finished.</summary>
    public void Finished(GenerationStage stage, TimeSpan spent) => _timings[stage] = spent;

    /// <summary>Whether anybody listens.</summary>
    public bool IsHeard => progress is not null;

    /// <summary>Reports that so many units of the stage are done.</summary>
    public void Report(int completed, float? similarity = null, bool leapt = false, IReadOnlyList<VideoFrame>? preview = null)
    {
        var (now, elapsed) = (_clock.Elapsed, StageTime);
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
            Preview = preview,
        });
    }

    /// <summary>Ends the stage.</summary>
    public void End() => _timings[_stage] = StageTime;
}
