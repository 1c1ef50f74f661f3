using OnDeviceSora.Media;

namespace OnDeviceSora;

/// <summary>The parts of a generation, in their order.</summary>
public enum GenerationStage
{
    /// <summary>The prompt is tokenized and encoded by T5.</summary>
    TextEncoding,

    /// <summary>STDiT3 denoises the latents, step by step.</summary>
    Denoising,

    /// <summary>The autoencoder turns latents into frames.</summary>
    Decoding,
}

/// <summary>A report from a running generation.</summary>
public sealed record GenerationProgress
{
    /// <summary>The stage that is running.</summary>
    public required GenerationStage Stage { get; init; }

    /// <summary>Units of this stage that are done: text encoder blocks, denoising steps, or decoded frames.</summary>
    public required int Completed { get; init; }

    /// <summary>Units that this stage has in all, at least 1. Of denoising steps those until a leap that is fixed.</summary>
    public required int Total { get; init; }

    /// <summary>Time since the generation began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Estimated time to the end of this stage, when it can be told.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>Bytes of native memory that tensors hold now.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Cosine similarity of the last two drifts, when Linear Proportional Leap measured it in this step.</summary>
    public float? Similarity { get; init; }

    /// <summary>True when this step was the leap: no further step follows.</summary>
    public bool Leapt { get; init; }

    /// <summary>What the video looks like so far, a small picture a latent frame, when <see cref="PipelineOptions.Preview"/> says how to draw it.</summary>
    public IReadOnlyList<VideoFrame>? Preview { get; init; }
}
