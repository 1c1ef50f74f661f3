namespace OnDeviceSora.Studio.Jobs;

/// <summary>One report of a running video: the event <c>step</c>, and a line of <c>steps.jsonl</c>. Its JSON names are in snake case.</summary>
/// <param name="Stage"><c>text_encoding</c>, <c>denoising</c> or <c>decoding</c>.</param>
/// <param name="Completed">Units of the stage that are done.</param>
/// <param name="Total">Units of the stage.</param>
/// <param name="ElapsedS">Seconds since the video was begun, in all runs of the server.</param>
/// <param name="RemainingS">Seconds to the end of the stage, estimated.</param>
/// <param name="MemoryBytes">Native memory that tensors hold.</param>
/// <param name="ResidentBytes">Resident memory of the server.</param>
/// <param name="Similarity">Cosine similarity of the last two drifts.</param>
/// <param name="Leapt">Whether this step was the leap.</param>
/// <param name="Preview">Whether there is a preview to be asked for.</param>
internal sealed record StepReport(
    string Stage, int Completed, int Total, double ElapsedS, double? RemainingS, long MemoryBytes, long ResidentBytes, float? Similarity, bool Leapt, bool Preview)
{
    public static StepReport Of(GenerationProgress progress, double elapsedBefore, bool preview) => new(
        Stages.NameOf(progress.Stage),
        progress.Completed,
        progress.Total,
        Math.Round(elapsedBefore + progress.Elapsed.TotalSeconds, 3),
        progress.Remaining is { } remaining ? Math.Round(remaining.TotalSeconds, 1) : null,
        progress.MemoryBytes,
        Environment.WorkingSet,
        progress.Similarity is { } similarity && float.IsFinite(similarity) ? similarity : null,
        progress.Leapt,
        preview);
}
