using OnDeviceSora.Diffusion;
using OnDeviceSora.Streaming;

namespace OnDeviceSora;

/// <summary>What a generation will keep in memory, made before it runs. All sizes are bytes.</summary>
public sealed record GenerationPlan
{
    /// <summary>Resident memory the process may take.</summary>
    public required long BudgetBytes { get; init; }

    /// <summary>What the process takes beside models and tensors: the runtime, code, stacks, the garbage-collected heap.</summary>
    public required long BaselineBytes { get; init; }

    /// <summary>The finished frames, which the decoding collects.</summary>
    public required long FrameBytes { get; init; }

    /// <summary>How blocks come into memory.</summary>
    public required StreamingMode Streaming { get; init; }

    /// <summary>The stages, in the order in which they run. Each frees its memory before the next begins.</summary>
    public required IReadOnlyList<StagePlan> Stages { get; init; }

    /// <summary>In how many slices a transformer block computes its self attention; 1 for the whole. Does not change the video.</summary>
    public required int AttentionSlices { get; init; }

    /// <summary>In how many slices a transformer block computes its cross attention; 1 for the whole. Does not change the video.</summary>
    public required int CrossAttentionSlices { get; init; }

    /// <summary>In how many slices a transformer block computes its MLP; 1 for the whole. Does not change the video.</summary>
    public required int MlpSlices { get; init; }

    /// <summary>
    /// Whether the text's keys and values for every transformer block are computed once and kept; otherwise in every step, which takes
    /// little more time. Does not change the video.
    /// </summary>
    public bool KeepsText { get; init; } = true;

    /// <summary>Side of the tiles in which pictures are decoded, in latent cells, or <c>null</c> for whole pictures.</summary>
    public required int? DecodeTile { get; init; }

    /// <summary>Whether pictures are decoded in tiles, which changes them slightly, only because nothing else fits the budget.</summary>
    public required bool TilesForMemory { get; init; }

    /// <summary>The process's resident memory at its peak.</summary>
    public long PeakBytes => Stages.Max(stage => stage.PeakBytes);

    /// <summary>How long the generation will take; <c>null</c> when nobody measured how fast this machine is.</summary>
    public TimeSpan? Time => Stages.All(stage => stage.Time is not null) ? Stages.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Time!.Value) : null;

    internal ActivationSlices Slices => new(AttentionSlices, CrossAttentionSlices, MlpSlices);

    internal StagePlan Stage(PlannedStage kind) => Stages.First(stage => stage.Kind == kind);
}

/// <summary>The parts of a generation that hold memory of their own.</summary>
public enum PlannedStage
{
    /// <summary>The text encoder reads the prompt.</summary>
    TextEncoding,

    /// <summary>The transformer turns noise into latents.</summary>
    Denoising,

    /// <summary>The autoencoder's temporal model makes latents of single pictures.</summary>
    TemporalDecoding,

    /// <summary>The autoencoder's 2D model makes pictures.</summary>
    SpatialDecoding,
}

/// <summary>What one stage will keep in memory. All sizes are bytes.</summary>
/// <param name="Kind">Which stage.</param>
/// <param name="Blocks">Blocks of its model.</param>
/// <param name="Passes">How often all blocks run.</param>
/// <param name="ResidentBlocks">Leading blocks that stay in memory from one pass to the next.</param>
/// <param name="WeightBytes">Weights that stay: those blocks, and what lies outside the blocks.</param>
/// <param name="BufferBytes">Buffers that the other blocks take turns in.</param>
/// <param name="ActivationBytes">Values that the model computes, at their peak, the threads' scratch memory included.</param>
/// <param name="TextBytes">Of the activations, those that hold the caption: embeddings, keys and values.</param>
/// <param name="PeakBytes">Resident memory of the process at the stage's peak.</param>
/// <param name="LoadBytes">Bytes read from storage in all passes.</param>
/// <param name="Operations">Floating-point operations in all passes.</param>
/// <param name="Time">How long it will take; <c>null</c> when nobody measured how fast this machine is.</param>
public sealed record StagePlan(
    PlannedStage Kind, int Blocks, int Passes, int ResidentBlocks, long WeightBytes, long BufferBytes, long ActivationBytes,
    long TextBytes, long PeakBytes, long LoadBytes, double Operations, TimeSpan? Time);
