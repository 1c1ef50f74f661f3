using OnDeviceSora.Streaming;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>What a plan must keep to.</summary>
/// <param name="BudgetBytes">Resident memory the process may take.</param>
/// <param name="BaselineBytes">What it takes beside tensors.</param>
/// <param name="Mode">How blocks come into memory.</param>
/// <param name="DecodeTile">The tile the user chose, or <c>null</c> to take tiles only where nothing else fits.</param>
/// <param name="DecodingOnly">Whether the latents are there already.</param>
internal sealed record PlanningLimits(long BudgetBytes, long BaselineBytes, StreamingMode Mode, int? DecodeTile, bool DecodingOnly = false)
{
    /// <summary>Kept free beside tensors: how much a process grows from the opening of a model to the last frame by compiled code, stacks and the managed heap.</summary>
    public const long Allowance = 40L << 20;

    /// <summary>
    /// The limits of a process. As long as it grows as expected, they stay what they were when the model was opened: a request that was
    /// accepted is not refused a moment later, and its pictures are decoded as planned.
    /// </summary>
    /// <param name="budgetBytes">Resident memory the process may take.</param>
    /// <param name="outsideAtFirst">Resident memory beside tensors when the model was opened.</param>
    /// <param name="outsideNow">The same now.</param>
    /// <param name="options">How to run.</param>
    public static PlanningLimits Of(long budgetBytes, long outsideAtFirst, long outsideNow, PipelineOptions options) =>
        new(budgetBytes, outsideNow + DynamicLoading.Reserve / 2 <= outsideAtFirst + Allowance ? outsideAtFirst + Allowance : outsideNow + DynamicLoading.Reserve, options.Streaming, options.DecodeTile);
}
