using OnDeviceSora.Diffusion;

namespace OnDeviceSora;

/// <summary>
/// What a <see cref="GenerationCheckpoint"/> keeps of a generation: all it needs to go on, in another process, as if nothing
/// had happened.
/// </summary>
public sealed record GenerationState
{
    /// <summary>The request with every default filled in.</summary>
    public required VideoRequest Request { get; init; }

    /// <summary>Name and hash of the model that began it.</summary>
    public required string Model { get; init; }

    /// <summary>Full path of that model's folder.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>Where the video is to be written; <c>null</c> when the caller did not say.</summary>
    public string? Output { get; init; }

    /// <summary>Whether a person named <see cref="Output"/>, so that a file that is there may be replaced.</summary>
    public bool OutputWasNamed { get; init; }

    /// <summary>Side of the tiles in which the video is decoded; see <see cref="PipelineOptions.DecodeTile"/>.</summary>
    public int? DecodeTile { get; init; }

    /// <summary>Where the finished video was written; <c>null</c> while there is none.</summary>
    public string? Video { get; init; }

    /// <summary>Denoising steps that are done.</summary>
    public int CompletedSteps => Sampling?.CompletedSteps ?? 0;

    /// <summary>Whether the denoising is over, so that only decoding is left.</summary>
    public bool IsSampled => Sampling is { } sampling && (sampling.LeapStep is not null || sampling.CompletedSteps >= Request.Steps);

    /// <summary>What the text encoder made of the prompt; <c>null</c> before it has run.</summary>
    internal CaptionFeatures? Caption { get; init; }

    /// <summary>The latents after the last completed step; <c>null</c> before the first.</summary>
    internal VideoLatents? Latents { get; init; }

    /// <summary>Where the sampler stands; there when <see cref="Latents"/> are.</summary>
    internal SamplingState? Sampling { get; init; }

    /// <summary>Time the stages have taken so far.</summary>
    internal IReadOnlyDictionary<GenerationStage, TimeSpan> Timings { get; init; } = new Dictionary<GenerationStage, TimeSpan>();

    /// <summary>Whether it is the same work: the same video from the same model.</summary>
    internal bool IsSame(VideoRequest request, string model) => Request == request && HashOf(Model) == HashOf(model);

    /// <summary>A model keeps its hash when its folder is renamed.</summary>
    private static string HashOf(string model) => model[(model.LastIndexOf('@') + 1)..];
}

/// <summary>The text encoder's features of one prompt.</summary>
/// <param name="Values">Row-major <c>[tokens, channels]</c>.</param>
/// <param name="Tokens">Tokens that count.</param>
/// <param name="Channels">Width of the text encoder.</param>
internal sealed record CaptionFeatures(float[] Values, int Tokens, int Channels);
