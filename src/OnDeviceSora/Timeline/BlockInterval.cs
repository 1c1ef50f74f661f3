namespace OnDeviceSora.Timeline;

/// <summary>What a block was busy with.</summary>
public enum BlockActivity
{
    /// <summary>Its weights were read and packed.</summary>
    Load,

    /// <summary>It computed.</summary>
    Compute,
}

/// <summary>One load or one computation of one block: a box in the paper's Figures 8 and 14.</summary>
/// <param name="Activity">Load or compute.</param>
/// <param name="Model">The model, for example <c>transformer</c>.</param>
/// <param name="Block">The block, for example <c>spatial_blocks.3</c>.</param>
/// <param name="Pass">Which pass over the model's blocks, from 0: the denoising step, the chunk or the picture.</param>
/// <param name="Start">When it began, from the timeline's start.</param>
/// <param name="End">When it ended, from the timeline's start.</param>
/// <param name="Bytes">Bytes read; 0 for a computation.</param>
/// <param name="Resident">Whether the block stays in memory for later passes.</param>
public sealed record BlockInterval(
    BlockActivity Activity, string Model, string Block, int Pass, TimeSpan Start, TimeSpan End, long Bytes, bool Resident);
