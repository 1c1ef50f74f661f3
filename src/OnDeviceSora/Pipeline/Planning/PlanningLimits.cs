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
    /// <summary>Kept free beside tensors for code that is compiled later, stacks, and the heap's growth.</summary>
    public const long Allowance = 64L << 20;

    /// <summary>The limits of a process that already holds some tensors.</summary>
    /// <param name="budgetBytes">Resident memory the process may take.</param>
    /// <param name="residentBytes">What it takes now.</param>
    /// <param name="tensorBytes">Of that, what tensors take.</param>
    /// <param name="options">How to run.</param>
    public static PlanningLimits Of(long budgetBytes, long residentBytes, long tensorBytes, PipelineOptions options) =>
        new(budgetBytes, Math.Max(0, residentBytes - tensorBytes) + Allowance, options.Streaming, options.DecodeTile);
}
