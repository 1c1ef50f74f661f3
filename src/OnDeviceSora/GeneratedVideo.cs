using OnDeviceSora.Media;

namespace OnDeviceSora;

/// <summary>A finished video and how it was made.</summary>
public sealed record GeneratedVideo
{
    /// <summary>The frames, in order; all of one size.</summary>
    public required IReadOnlyList<VideoFrame> Frames { get; init; }

    /// <summary>The request with every default filled in; generating from it again gives the same video.</summary>
    public required VideoRequest Request { get; init; }

    /// <summary>The model's name and the hash of its files that the video came from.</summary>
    public required string Model { get; init; }

    /// <summary>Time each stage took.</summary>
    public required IReadOnlyDictionary<GenerationStage, TimeSpan> Timings { get; init; }

    /// <summary>Most native bytes that tensors held at one moment.</summary>
    public required long PeakTensorBytes { get; init; }

    /// <summary>Peak resident size of the process as the operating system reports it, in bytes.</summary>
    public required long PeakResidentBytes { get; init; }

    /// <summary>Denoising steps that were computed; 0 when the latents were loaded from a file.</summary>
    public required int ExecutedSteps { get; init; }

    /// <summary>Index of the step that leapt, counted from 0; <c>null</c> when none did.</summary>
    public int? LeapStep { get; init; }

    /// <summary>Cosine similarity of each step's drift to the one before it; the first step has none.</summary>
    public required IReadOnlyList<float> Similarities { get; init; }

    /// <summary>Side of the tiles in which it was decoded; see <see cref="PipelineOptions.DecodeTile"/>.</summary>
    public int? DecodeTile { get; init; }

    /// <summary>The latents that were decoded. <see cref="VideoPipeline.DecodeAsync"/> makes the same frames from them.</summary>
    public required VideoLatents Latents { get; init; }
}
